import { beforeAll, expect, it } from 'vitest';
import {
  createSite,
  kubectl,
  NAMESPACE,
  release,
  request,
  runningPod,
  type Site,
  traces,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

const HOLD = 'proctor.test/hold';
let site: Site;

beforeAll(async () => {
  site = await createSite('held');
  await site.startWorker();
});

/**
 * Adds a finalizer beside those that an object has. A pod that loses its Job's finalizer is replaced by another pod.
 */
async function hold(object: string): Promise<void> {
  const add = JSON.stringify({ metadata: { finalizers: [HOLD] } });
  await kubectl('patch', object, '-n', NAMESPACE, '--type=strategic', '-p', add);
}

/** Removes all finalizers, Kubernetes' own of a pod too: the Job whose controller would remove it no longer exists. */
async function unhold(object: string): Promise<void> {
  await kubectl('patch', object, '-n', NAMESPACE, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
}

it('a run names each object that it could not remove and what holds it, and keeps its verdict', async () => {
  const name = uniqueId('held');
  const handle = await site.proctor.start(
    request([{ name, script: UNTIL_RELEASED }], { cleanup: { timeout: '12s' } }),
    {
      workflowId: uniqueId('held'),
    },
  );
  const pod = await until('the validator runs', async () => (await runningPod(name))?.metadata.name);
  const { runId } = await site.proctor.progress(handle.workflowId);
  const held = [`pod/${pod}`, `configmap/aicr-snapshot-${runId}`, `clusterrolebinding/aicr-validator-${runId}`];
  try {
    await Promise.all(held.map(hold));
    await release(`aicr.run/validator=${name}`);
    const result = await handle.result();
    expect(result).toMatchObject({ verdict: 'passed', cleanup: 'incomplete', kept: [] });
    const stuck = (object: string) =>
      expect.stringMatching(`^${object} is still there: finalizer .*${HOLD}; .*kubectl patch `);
    expect(result.left).toEqual([
      stuck(`Pod/${pod}`),
      stuck(`ClusterRoleBinding/aicr-validator-${runId}`),
      stuck(`ConfigMap/aicr-snapshot-${runId}`),
      expect.stringMatching(`^Job/aicr-${name}-.* is still there: it waits until the objects that it owns are gone$`),
      `ConfigMap/proctor-${runId} is still there: it waits until the objects that it owns are gone`,
    ]);
  } finally {
    await Promise.all(held.map(unhold));
  }
  await until('everything of the run is gone', async () =>
    (await traces(runId)).every((trace) => trace.includes('aicr-ctrf-')),
  );
});
