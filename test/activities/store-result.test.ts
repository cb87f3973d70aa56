import { expect, it } from 'vitest';
import type { ActivityDeps } from '../../src/activities/activity-deps.ts';
import { selectResultPod } from '../../src/activities/select-result-pod.ts';
import { type ReadResultInput, storeResult } from '../../src/activities/store-result.ts';
import { Cluster } from '../../src/cluster/clusters.ts';
import { VALIDATOR_CONTAINER_NAME } from '../../src/kubernetes/pod.ts';
import type { Pod } from '../../src/kubernetes/types.ts';
import { reportEntry } from '../../src/report/report-entry.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../src/run/ids.ts';
import { ConfigMapStore } from '../../src/store/config-map-store.ts';
import { client, owned } from '../fakes/client.ts';
import { type Answer, FakeApiServer, json, only, status } from '../fakes/fake-api-server.ts';

const never = new AbortController().signal;

/** A pod that has passed and has a limit on its local storage, so that it may hide an eviction. */
const passed: Pod = {
  metadata: { name: 'p', namespace: 'ns', uid: 'p1' },
  spec: { containers: [], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Mi' } }] },
  status: {
    phase: 'Succeeded',
    containerStatuses: [{ name: VALIDATOR_CONTAINER_NAME, state: { terminated: { exitCode: 0 } } }],
  },
};
const input = {
  version: 1,
  run: {
    cluster: { name: 'test', uid: 'c' },
    namespace: 'ns',
    runId: asRunId('r'),
    marks: { installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r1') },
  },
  anchor: { name: 'a', uid: 'a1' },
  job: { name: 'j', uid: 'j1' },
  ending: { kind: 'terminal', started: true, pod: passed, condition: { type: 'Complete', status: 'True' } },
  validator: { name: 'v', phase: 'deployment', timeout: '5m' },
  startMs: 0,
} satisfies ReadResultInput;

async function answering(answer: Answer) {
  const server = owned(await FakeApiServer.start());
  server.answer(answer);
  const api = client({ server: server.url.href });
  const deps = {
    resultStore: () => new ConfigMapStore(api, 'ns', { labels: {} }),
  } as unknown as ActivityDeps;
  return { deps, cluster: new Cluster('test', api, { selector: 'a=b' }) };
}

it('accepts a verdict that may hide an eviction if the worker may not read events', async () => {
  const { cluster } = await answering(only('GET', /events$/, status(403, 'Forbidden', 'events is forbidden')));
  expect(await selectResultPod(cluster, input, never)).toBe(passed);
});

it('reads the pod again if the kubelet could still invalidate the verdict that the wait saw', async () => {
  const unsettled: Pod = { ...passed, spec: { containers: [] }, status: { ...passed.status, phase: 'Running' } };
  const evicted: Pod = { ...unsettled, status: { ...passed.status, phase: 'Failed', reason: 'Evicted' } };
  const asked = { ...input, ending: { ...input.ending, pod: unsettled } };
  const listing = (items: Pod[]) => only('GET', /pods$/, json(200, { metadata: { resourceVersion: '1' }, items }));
  const { cluster } = await answering(listing([evicted]));
  expect(await selectResultPod(cluster, asked, never)).toEqual(evicted);
  const { cluster: without } = await answering(listing([]));
  expect(await selectResultPod(without, asked, never)).toBe(unsettled);
});

it('returns a verdict without its log if the namespace is being deleted and takes no result', async () => {
  const why = 'unable to create new content in namespace ns because it is being terminated';
  const { cluster, deps } = await answering(only('PATCH', /configmaps/, status(403, 'Forbidden', why)));
  const outcome = { exitCode: 0, terminationMsg: 'fine', durationMs: 0, hasLog: false };
  const kept = await storeResult(deps, cluster, input, { outcome, pod: passed }, never);
  expect(kept).toMatchObject({ status: 'passed', cause: 'completed', message: 'fine', stored: false });
  expect(kept.resultKey).toBeUndefined();
  const { extra } = reportEntry(kept, undefined);
  expect(extra?.lost).toMatch(/^the log could not be kept: forbidden: .*being terminated$/);
});

it('throws if the store fails with an error that may pass', async () => {
  const { cluster, deps } = await answering(only('PATCH', /configmaps/, status(409, 'Conflict', 'changed meanwhile')));
  const outcome = { exitCode: 0, terminationMsg: 'fine', durationMs: 0, hasLog: false };
  await expect(storeResult(deps, cluster, input, { outcome, pod: passed }, never)).rejects.toMatchObject({
    kind: 'conflict',
  });
});
