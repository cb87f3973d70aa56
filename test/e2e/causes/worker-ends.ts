import { describe, it } from 'vitest';
import { release, UNTIL_RELEASED, until } from '../harness.ts';
import { type Expected, play, type Trouble } from './fault.ts';
import type { Scene } from './scene.ts';
import { BACKGROUND, stage, taken } from './stage.ts';

interface Unread {
  trouble: string;
  expected: Expected;
  exitCode: number;
  take(scene: Scene): Promise<unknown>;
}

const UNREAD: Unread[] = [
  {
    trouble: 'pod deleted when finished (exit code 1), but not yet read',
    expected: { cause: 'completed', status: 'failed' },
    exitCode: 1,
    take: async (scene) => taken(scene.podPath(await finished(scene))),
  },
  {
    trouble: 'pod deleted when finished (exit code 0), but not yet read',
    // Complete, says the Job; but so it does of a validator that took a SIGTERM well, and nobody is left who can tell.
    expected: { cause: 'pod-deleted', message: /pod not found/ },
    exitCode: 0,
    take: async (scene) => taken(scene.podPath(await finished(scene))),
  },
  {
    trouble: 'Job deleted when finished, but not yet read',
    expected: { cause: 'job-deleted' },
    exitCode: 1,
    take: async (scene) => {
      await finished(scene);
      return taken(scene.jobPath(await scene.job()), BACKGROUND);
    },
  },
];

/** One after the other on a site of their own: each ends a worker, and every worker takes its time to start. */
describe.concurrent('its worker ends', () => {
  it.concurrent('is away when it ends; is killed in the middle of a grace', async () => {
    await unread();
    const trouble = 'more CPU than any node has, worker killed in the middle of the grace';
    await stage.scene(trouble, (scene) => play(trouble, scene, KILLED), stage.forsaken);
  }, 240_000);
});

/** While no worker is there, validators finish, and what they left is deleted. Named as soon as somebody takes up the wait. */
async function unread(): Promise<void> {
  const open = async (row: Unread) => ({ ...row, scene: await stage.open(row.trouble, stage.forsaken) });
  const rows = await Promise.all(UNREAD.map(open));
  try {
    await Promise.all(
      rows.map(async ({ scene, exitCode }) => {
        await scene.start({ script: `${UNTIL_RELEASED}; exit ${exitCode}` });
        await scene.runningPod();
      }),
    );
    await stage.endForsaken();
    await Promise.all(
      rows.map(async ({ scene, take }) => {
        await release(`aicr.run/validator=${scene.validator}`, scene.namespace);
        await take(scene);
        await until('its pod is gone', async () => (await scene.pods()).length === 0);
      }),
    );
    stage.startForsaken();
    for (const { trouble, scene, expected } of rows) {
      const make = async () => {
        await scene.result();
        return scene.takenUpAt();
      };
      await play(trouble, scene, { expected, make });
    }
  } finally {
    await Promise.all(rows.map(({ scene }) => scene.close()));
  }
}

/** Its wait is noticed to be dead after 30 s without a heartbeat, and most of the grace is over by then: a new one would be seen. */
const KILLED: Trouble = {
  expected: { cause: 'unschedulable', evidence: /Insufficient cpu/, graceMs: 60_000 },
  make: async (scene) => {
    await scene.start({ cpu: '64' }, { graces: { unschedulable: '60s' } });
    const { status } = await scene.pendingPod();
    const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
    const began = Date.parse(condition?.lastTransitionTime ?? '');
    stage.startForsaken();
    await until('its heartbeat has told of it', async () => (await scene.heartbeat()).includes('"unschedulable"'));
    process.kill(await scene.waitingWorker(), 'SIGKILL');
    return began;
  },
};

function finished(scene: Scene) {
  return scene.pod('the validator has finished', ({ status }) => ['Succeeded', 'Failed'].includes(status.phase));
}
