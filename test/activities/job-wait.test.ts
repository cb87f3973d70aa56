import { expect, it } from 'vitest';
import { until } from '../../dev/poll.ts';
import { JobWait } from '../../src/activities/job-wait.ts';
import { Outage } from '../../src/activities/outage.ts';
import { Cluster } from '../../src/cluster/clusters.ts';
import { CONTROLLER_UID_LABEL, JOB_NAME_LABEL } from '../../src/kubernetes/job.ts';
import type { Job, Pod } from '../../src/kubernetes/types.ts';
import type { Ending } from '../../src/run/ending/ending.ts';
import { DEFAULT_GRACES } from '../../src/run/ending/graces.ts';
import { client, owned } from '../fakes/client.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';

const never = new AbortController().signal;
const watchTiming = { backoffFirstMs: 2, backoffMostMs: 20, unreachableMostMs: 20, shortMs: 0, lingerMs: 0 };
const namespace = 'ns';

const job = (conditions: NonNullable<Job['status']>['conditions'] = []): Job => ({
  metadata: { name: 'a', namespace, uid: 'j', creationTimestamp: new Date().toISOString() },
  spec: { template: { spec: { containers: [] } } },
  status: { conditions },
});
const pending: Pod = {
  metadata: { name: 'p', namespace, uid: 'p1', labels: { [JOB_NAME_LABEL]: 'a' } },
  spec: { containers: [], nodeName: 'n1' },
  status: { phase: 'Pending' },
};
const failed = job([{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }]);

/** Waits for a Job with a pending pod. @param happens called while the wait watches. */
async function ending(happens: (store: FakeStore, proxy: FaultProxy) => Promise<void>): Promise<Ending> {
  const store = owned(await FakeStore.start());
  store.put('jobs', job());
  store.put('pods', pending);
  const proxy = owned(await FaultProxy.before(store.server.url));
  const api = client({ server: `http://127.0.0.1:${proxy.port}` }, { timing: { windowMs: 20, readMs: 1_000 } });
  const cluster = new Cluster('test', api, { selector: 'a=b', watchTiming });
  const view = await cluster.jobs(namespace).open('a', never);
  const options = { cluster, namespace, job: { name: 'a', uid: 'j' }, timeout: '5m', graces: DEFAULT_GRACES };
  const outage = new Outage(DEFAULT_GRACES.clusterUnreachable, undefined);
  const wait = new JobWait(view, { ...options, queue: undefined, outage }, never);
  const end = wait.end(() => undefined);
  await until('the wait watches', () => store.watchers.size === 2);
  await happens(store, proxy);
  try {
    return (await end) as Ending;
  } finally {
    view.close();
  }
}

it('knows that a pod had not started if the watch saw its deletion', async () => {
  const end = await ending(async (store) => {
    store.remove('pods', 'p', namespace);
    store.put('jobs', failed);
  });
  expect(end).toMatchObject({ kind: 'terminal', started: false, pod: { metadata: { uid: 'p1' } } });
});

it('assumes that a pod may have started if it was deleted while the watch was down', async () => {
  const end = await ending(async (store, proxy) => {
    await proxy.refuse();
    store.remove('pods', 'p', namespace);
    store.put('jobs', failed);
    store.compact();
    await until('the watches are cut', () => store.watchers.size === 0);
    await proxy.accept();
  });
  expect(end).toMatchObject({ kind: 'terminal', started: true, pod: { metadata: { uid: 'p1' } } });
});

it('ignores the pods of another Job that has taken the name', async () => {
  const labels = { [JOB_NAME_LABEL]: 'a', [CONTROLLER_UID_LABEL]: 'another' };
  const state = { terminated: { exitCode: 0, finishedAt: '2026-01-01T00:00:00Z' } };
  const passed: Pod = {
    metadata: { name: 'q', namespace, uid: 'q1', labels, creationTimestamp: new Date().toISOString() },
    status: { phase: 'Succeeded', containerStatuses: [{ name: 'validator', state }] },
  };
  const end = await ending(async (store) => {
    store.put('pods', passed);
    store.put('jobs', failed);
  });
  expect(end).toMatchObject({ kind: 'terminal', pod: { metadata: { uid: 'p1' } } });
});

it('accepts a condition without a time, as some virtual kubelets write it', async () => {
  const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: null }];
  const end = await ending(async (store) => {
    store.put('pods', { ...pending, status: { phase: 'Pending', conditions } } as unknown as Pod);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    store.put('jobs', failed);
  });
  expect(end.kind).toBe('terminal');
});
