import { describe, it } from 'vitest';
import { release, UNTIL_RELEASED, until } from '../harness.ts';
import { checkFault, type Expected, type Fault } from './fault.ts';
import type { Scene } from './scene.ts';
import { BACKGROUND, deleteObject, stage } from './stage.ts';

interface Unread {
  fault: string;
  expected: Expected;
  exitCode: number;
  /** Deletes what the validator left. */
  remove(scene: Scene): Promise<unknown>;
}

const UNREAD: Unread[] = [
  {
    fault: 'pod deleted after it finished (exit code 1), before it was read',
    expected: { cause: 'completed', status: 'failed' },
    exitCode: 1,
    remove: async (scene) => deleteObject(scene.podPath(await finished(scene))),
  },
  {
    fault: 'pod deleted after it finished (exit code 0), before it was read',
    // The Job is Complete, but so is the Job of a validator that exits with 0 on SIGTERM, and the pod that could tell
    // the difference is gone.
    expected: { cause: 'pod-deleted', message: /pod not found/ },
    exitCode: 0,
    remove: async (scene) => deleteObject(scene.podPath(await finished(scene))),
  },
  {
    fault: 'Job deleted after it finished, before it was read',
    expected: { cause: 'job-deleted' },
    exitCode: 1,
    remove: async (scene) => {
      await finished(scene);
      return deleteObject(scene.jobPath(await scene.job()), BACKGROUND);
    },
  },
];

/** One after the other on the isolated site: each test ends its worker, and a new worker takes a while to start. */
describe.concurrent('faults while the worker ends', () => {
  it.concurrent('a new worker names faults that happened without a worker, and continues a grace', async () => {
    await checkUnread();
    const fault = 'more CPU than any node has, worker killed during the grace';
    await stage.scene(fault, (scene) => checkFault(fault, scene, WORKER_KILLED), stage.isolated);
  }, 240_000);
});

/**
 * While no worker runs, validators finish and their pods or Jobs are deleted. A new worker must name the causes as soon
 * as it has started their waits.
 */
async function checkUnread(): Promise<void> {
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
      rows.map(async ({ scene, remove }) => {
        await release(`aicr.run/validator=${scene.validator}`, scene.namespace);
        await remove(scene);
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

/**
 * Temporal notices after 30 s without a heartbeat that the wait is dead. Most of the grace is over by then, so the test
 * fails if the next worker starts a new grace.
 */
const WORKER_KILLED: Fault = {
  expected: { cause: 'unschedulable', evidence: /Insufficient cpu/, graceMs: 60_000 },
  inject: async (scene) => {
    await scene.start({ cpu: '64' }, { graces: { unschedulable: '60s' } });
    const { status } = await scene.pendingPod();
    const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
    const began = Date.parse(condition?.lastTransitionTime ?? '');
    stage.startIsolated();
    await until('its heartbeat reports the condition', async () =>
      (await scene.lastHeartbeat()).includes('"unschedulable"'),
    );
    process.kill(await scene.waitingWorker(), 'SIGKILL');
    return began;
  },
};

function finished(scene: Scene) {
  return scene.pod('the validator has finished', ({ status }) => ['Succeeded', 'Failed'].includes(status.phase));
}
