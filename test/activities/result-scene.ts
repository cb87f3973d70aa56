import type { ActivityDeps } from '../../src/activities/activity-deps.ts';
import type { ReadResultInput } from '../../src/activities/store-result.ts';
import { Cluster } from '../../src/cluster/clusters.ts';
import { VALIDATOR_CONTAINER_NAME } from '../../src/kubernetes/pod.ts';
import type { Pod } from '../../src/kubernetes/types.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../src/run/ids.ts';
import { ConfigMapStore } from '../../src/store/config-map-store.ts';
import { client, owned } from '../fakes/client.ts';
import { type Answer, FakeApiServer } from '../fakes/fake-api-server.ts';

/** A pod that has passed and has a limit on its local storage, so that it may hide an eviction. */
export const passed: Pod = {
  metadata: { name: 'p', namespace: 'ns', uid: 'p1' },
  spec: { containers: [], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Mi' } }] },
  status: {
    phase: 'Succeeded',
    containerStatuses: [{ name: VALIDATOR_CONTAINER_NAME, state: { terminated: { exitCode: 0 } } }],
  },
};
export const input = {
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

/** A cluster and a result store whose API server gives this answer. */
export async function answering(answer: Answer) {
  const server = owned(await FakeApiServer.start());
  server.answer(answer);
  const api = client({ server: server.url.href });
  const deps = {
    resultStore: () => new ConfigMapStore(api, 'ns', { labels: {} }),
  } as unknown as ActivityDeps;
  return { deps, cluster: new Cluster('test', api, { selector: 'a=b' }) };
}
