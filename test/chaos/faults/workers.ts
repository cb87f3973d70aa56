import { type Fault, repeatedly } from '../fault.ts';
import type { Moment } from '../gate.ts';
import * as moments from '../moments.ts';

/** Kills the worker exactly at this moment: its call is held until the process is gone. */
function killed(name: string, moment: Moment): Fault {
  return {
    name: `worker killed ${name}`,
    inject: (scene, times) =>
      repeatedly(scene, times, async () => {
        const intercepted = await scene.intercept(moment);
        if (intercepted === undefined) return false;
        await scene.stage.pool.replace(intercepted.worker, 'SIGKILL');
        return true;
      }),
  };
}

function endedWaiting(name: string, signal: 'SIGTERM' | 'SIGKILL'): Fault {
  return {
    name: `worker ${name} while it waits for a validator`,
    inject: (scene, times) =>
      repeatedly(scene, times, async () => {
        const found = await scene.waiting();
        if (found !== undefined) await scene.stage.pool.replace(found.worker, signal);
        return found !== undefined;
      }),
  };
}

/** Pauses a worker until others have taken over its work, and then resumes it, so that two do the same for a while. */
const pausedPastHeartbeat: Fault = {
  name: 'worker paused (SIGSTOP) for longer than its heartbeat timeout',
  inject: (scene, times) =>
    repeatedly(scene, times, async () => {
      const found = await scene.waiting();
      if (found === undefined) return false;
      const { worker, run } = found;
      worker.pause();
      await scene.when('another worker has its waits', async () =>
        (await run.waits()).every(({ pid }) => pid !== worker.pid),
      );
      worker.resume();
      return true;
    }),
};

const WITHOUT_WORKERS_MS = 75_000;

const allGone: Fault = {
  name: `all workers killed, and no worker for ${WITHOUT_WORKERS_MS / 1000} s`,
  inject: (scene, times) =>
    repeatedly(scene, times, async () => {
      if ((await scene.waiting()) === undefined) return false;
      await Promise.all(scene.stage.pool.workers.map((worker) => worker.end('SIGKILL')));
      await scene.pass(WITHOUT_WORKERS_MS);
      await scene.stage.pool.fill();
      return true;
    }),
};

export const KILLED_AT = {
  bound: killed('after its apply of the binding, before the answer', moments.BOUND),
  apply: killed('before its apply of a Job reaches the API server', moments.APPLY),
  applied: killed('after its apply of a Job, before the answer', moments.APPLIED),
  reading: killed('between the wait and the result', moments.READING),
  deleting: killed('before its delete of a Job reaches the API server', moments.DELETING),
  deleted: killed('after its delete of a Job, before the answer', moments.DELETED),
  unbound: killed('after its delete of the binding, before the answer', moments.UNBOUND),
  anchor: killed('after its delete of the anchor, before the answer', moments.ANCHOR_DELETED),
};

export const WORKERS = {
  killedWaiting: endedWaiting('killed', 'SIGKILL'),
  stopped: endedWaiting('stopped (SIGTERM)', 'SIGTERM'),
  pausedPastHeartbeat,
  allGone,
};
