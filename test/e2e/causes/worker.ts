import { describe } from 'vitest';
import { createSite, until } from '../harness.ts';
import { beside, startWorker } from './stage.ts';

describe.concurrent('the worker', () => {
  // Its wait is noticed to be dead after 30 s without a heartbeat, and by then most of the grace is over: a new one would be seen.
  beside(
    'more CPU than any node has, worker killed in the middle of the grace',
    {
      expected: { cause: 'unschedulable', evidence: /Insufficient cpu/, graceMs: 45_000 },
      make: async (scene) => {
        await Promise.all([startWorker(scene.site), startWorker(scene.site)]);
        await scene.start({ cpu: '64' }, { graces: { unschedulable: '45s' } });
        const { status } = await scene.pendingPod();
        const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
        const began = Date.parse(condition?.lastTransitionTime ?? '');
        await until('its heartbeat has told of it', async () => Date.now() > began + 12_000);
        process.kill(await scene.waitingWorker(), 'SIGKILL');
        return began;
      },
    },
    () => createSite('grace'),
  );
});
