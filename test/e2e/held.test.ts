import { beforeAll, expect, it } from 'vitest';
import {
  createSite,
  kubectl,
  listObjects,
  release,
  request,
  type Site,
  traces,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

const NAMESPACE = 'aicr-validation';
const HOLD = 'proctor.test/hold';
let site: Site;

beforeAll(async () => {
  site = await createSite('held');
  await site.startWorker();
});

/** Beside the finalizers that are there: a pod that loses its Job's is replaced by another pod. */
async function hold(object: string): Promise<void> {
  const add = JSON.stringify({ metadata: { finalizers: [HOLD] } });
  await kubectl('patch', object, '-n', NAMESPACE, '--type=strategic', '-p', add);
}

/** Kubernetes' own finalizer of a pod goes with the test's: its Job is not there to take it back any more. */
async function letGo(object: string): Promise<void> {
  await kubectl('patch', object, '-n', NAMESPACE, '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
}

it('what does not go is named with what holds it, and takes nothing from the verdict', async () => {
  const name = uniqueId('held');
  const handle = await site.proctor.start(
    request([{ name, script: UNTIL_RELEASED }], { cleanup: { timeout: '12s' } }),
    {
      workflowId: uniqueId('held'),
    },
  );
  const pod = await until('the validator runs', async () => {
    const [found] = await listObjects('pods', '-n', NAMESPACE, '-l', `aicr.run/validator=${name}`);
    return found?.status?.phase === 'Running' && found.metadata.name;
  });
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
      expect.stringMatching(`^Job/aicr-${name}-.* is still there: it waits for what it owns to be gone$`),
      `ConfigMap/proctor-${runId} is still there: it waits for what it owns to be gone`,
    ]);
  } finally {
    await Promise.all(held.map(letGo));
  }
  await until('all of it is gone', async () => (await traces(runId)).every((trace) => trace.includes('aicr-ctrf-')));
});
