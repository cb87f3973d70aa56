import { type Fault, repeatedly } from '../fault.ts';
import type { Moment } from '../gate.ts';
import * as moments from '../moments.ts';

/** SIGKILL exactly there: the call is held until the process is gone. */
function killed(name: string, moment: Moment): Fault {
  return {
    name: `worker killed ${name}`,
    play: (scene, times) =>
      repeatedly(scene, times, async () => {
        const caught = await scene.intercept(moment);
        if (caught === undefined) return false;
        await scene.stage.pool.replace(caught.worker, 'SIGKILL');
        return true;
      }),
  };
}

const killedWaiting: Fault = {
  name: 'worker killed while it waits for a validator',
  play: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      if (found !== undefined) await scene.stage.pool.replace(found.worker, 'SIGKILL');
      return found !== undefined;
    }),
};

const toldToStop: Fault = {
  name: 'worker told to stop (SIGTERM) while it waits for a validator',
  play: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      if (found !== undefined) await scene.stage.pool.replace(found.worker, 'SIGTERM');
      return found !== undefined;
    }),
};

/** Paused until somebody else has taken up what it was at, and then let go on: two do the same work for a while. */
const pausedPastHeartbeat: Fault = {
  name: 'worker paused (SIGSTOP) past its heartbeat',
  play: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      if (found === undefined) return false;
      const { worker, run } = found;
      worker.pause();
      await scene.when('its waits have been given to another', async () =>
        (await run.waits()).every(({ pid }) => pid !== worker.pid),
      );
      worker.resume();
      return true;
    }),
};

const AWAY_MS = 75_000;

const allGone: Fault = {
  name: `all workers killed, and none for ${AWAY_MS / 1000} s`,
  play: (scene, times) =>
    repeatedly(scene, times, async () => {
      if ((await scene.waiting()) === undefined) return false;
      await Promise.all(scene.stage.pool.workers.map((worker) => worker.end('SIGKILL')));
      await scene.pass(AWAY_MS);
      await scene.stage.pool.fill();
      return true;
    }),
};

export const KILLED_AT = {
  bound: killed('when it has bound the role, before it hears so', moments.BOUND),
  apply: killed('before its apply of a Job gets through', moments.APPLY),
  applied: killed('after its apply of a Job, before the answer', moments.APPLIED),
  reading: killed('between the wait and the result', moments.READING),
  deleting: killed('before its delete of a Job gets through', moments.DELETING),
  deleted: killed('after its delete of a Job, before the answer', moments.DELETED),
  unbound: killed('in the run’s cleanup, at the binding', moments.UNBOUND),
  anchor: killed('in the run’s cleanup, at the anchor', moments.ANCHOR_DELETED),
};

export const WORKERS = { killedWaiting, toldToStop, pausedPastHeartbeat, allGone };
