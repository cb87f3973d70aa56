import { describe, it } from 'vitest';
import { release, UNTIL_RELEASED, until } from '../harness.ts';
import { checkFault, type Expected, type Fault } from './fault.ts';
import type { Scene } from './scene.ts';
import { BACKGROUND, deleteObject, stage } from './stage.ts';

interface Unread {
  fault: string;
  expected: Expected;
  exitCode: number;
  take(scene: Scene): Promise<unknown>;
}

const UNREAD: Unread[] = [
  {
    fault: 'pod deleted after it finished (exit code 1), before it was read',
    expected: { cause: 'completed', status: 'failed' },
    exitCode: 1,
    take: async (scene) => deleteObject(scene.podPath(await finished(scene))),
  },
  {
    fault: 'pod deleted after it finished (exit code 0), before it was read',
    // Complete, says the Job; but so it does of a validator that took a SIGTERM well, and nobody is left who can tell.
    expected: { cause: 'pod-deleted', message: /pod not found/ },
    exitCode: 0,
    take: async (scene) => deleteObject(scene.podPath(await finished(scene))),
  },
  {
    fault: 'Job deleted after it finished, before it was read',
    expected: { cause: 'job-deleted' },
    exitCode: 1,
    take: async (scene) => {
      await finished(scene);
      return deleteObject(scene.jobPath(await scene.job()), BACKGROUND);
    },
  },
];

/** One after the other on a site of their own: each ends a worker, and every worker takes its time to start. */
describe.concurrent('its worker ends', () => {
  it.concurrent('is away when it ends; is killed in the middle of a grace', async () => {
    await unread();
    const fault = 'more CPU than any node has, worker killed during the grace';
    await stage.scene(fault, (scene) => checkFault(fault, scene, WORKER_KILLED), stage.isolated);
  }, 240_000);
});

/** While no worker is there, validators finish, and what they left is deleted. Named as soon as somebody takes up the wait. */
async function unread(): Promise<void> {
  const open = async (row: Unread) => ({ ...row, scene: await stage.open(row.fault, stage.isolated) });
  const rows = await Promise.all(UNREAD.map(open));
  try {
    await Promise.all(
      rows.map(async ({ scene, exitCode }) => {
        await scene.start({ script: `${UNTIL_RELEASED}; exit ${exitCode}` });
        await scene.runningPod();
      }),
    );
    await stage.endIsolated();
    await Promise.all(
      rows.map(async ({ scene, take }) => {
        await release(`aicr.run/validator=${scene.validator}`, scene.namespace);
        await take(scene);
        await until('its pod is gone', async () => (await scene.pods()).length === 0);
      }),
    );
    stage.startIsolated();
    for (const { fault, scene, expected } of rows) {
      const inject = async () => {
        await scene.result();
        return scene.waitStartedAt();
      };
      await checkFault(fault, scene, { expected, inject });
    }
  } finally {
    await Promise.all(rows.map(({ scene }) => scene.close()));
  }
}

/** Its wait is noticed to be dead after 30 s without a heartbeat, and most of the grace is over by then: a new one would be seen. */
const WORKER_KILLED: Fault = {
  expected: { cause: 'unschedulable', evidence: /Insufficient cpu/, graceMs: 60_000 },
  inject: async (scene) => {
    await scene.start({ cpu: '64' }, { graces: { unschedulable: '60s' } });
    const { status } = await scene.pendingPod();
    const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
    const began = Date.parse(condition?.lastTransitionTime ?? '');
    stage.startIsolated();
    await until('its heartbeat has told of it', async () => (await scene.lastHeartbeat()).includes('"unschedulable"'));
    process.kill(await scene.waitingWorker(), 'SIGKILL');
    return began;
  },
};

function finished(scene: Scene) {
  return scene.pod('the validator has finished', ({ status }) => ['Succeeded', 'Failed'].includes(status.phase));
}
