import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JobObserver } from '../../src/activities/job-observer.ts';
import { Cluster } from '../../src/cluster/clusters.ts';
import { LiveJobView } from '../../src/cluster/watch/job-view.ts';
import type { Job, Pod } from '../../src/kubernetes/types.ts';
import { client, owned } from '../fakes/client.ts';
import { FakeApiServer, json } from '../fakes/fake-api-server.ts';

const never = new AbortController().signal;
const created = '2026-01-01T00:00:00Z';
const noEvents = { metadata: {}, items: [] };

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const jobOf = (uid: string, more: Partial<Job> = {}): Job => ({
  metadata: { name: 'a', namespace: 'ns', uid, creationTimestamp: created },
  spec: { template: { spec: { containers: [] } } },
  ...more,
});
const ended = jobOf('ours', { status: { conditions: [{ type: 'Failed', status: 'True' }] } });
const podOf = (uid: string, nodeName: string): Pod => ({
  metadata: { name: uid, namespace: 'ns', uid },
  spec: { containers: [], nodeName },
  status: { phase: 'Running', containerStatuses: [{ name: 'validator', state: { running: { startedAt: created } } }] },
});

/** Creates an observer of the Job `ours`. @param during called while the API server answers a request. */
async function observing(first: { job?: Job; pods?: Pod[] }, during: (view: LiveJobView, path: string) => unknown) {
  const server = owned(await FakeApiServer.start());
  const cluster = new Cluster('test', client({ server: server.url.href }), { selector: 'a=b' });
  const context = { failure: () => undefined, hasScheduledSiblings: () => false };
  const view = new LiveJobView(first.job, first.pods ?? [], context, () => undefined);
  server.answer((request, response) => json(200, during(view, request.path) ?? noEvents)(request, response));
  const observer = new JobObserver(view, { cluster, namespace: 'ns', job: { name: 'a', uid: 'ours' } }, never);
  return { view, observer };
}

it('does not report a Job as deleted if the watch first shows it during the requests', async () => {
  const { observer } = await observing({}, (view) => view.setJob(jobOf('ours')));
  vi.setSystemTime(Date.now() + 5_000);
  const sight = observer.look();
  expect(sight).toMatchObject({ job: undefined, wasInView: false });
  expect(await observer.lookCloser(sight)).toMatchObject({ job: jobOf('ours'), details: { events: [] } });
});

it('looks at the Job again if it ends during the requests', async () => {
  const { observer } = await observing({ job: jobOf('ours') }, (view) => view.setJob(ended));
  vi.setSystemTime(Date.now() + 5_000);
  const sight = await observer.lookCloser(observer.look());
  expect(sight.job).toEqual(ended);
  expect(sight.details).toBeUndefined();
});

it('does not judge a new pod by the node of the pod before it', async () => {
  const { observer } = await observing({ job: jobOf('ours'), pods: [podOf('p1', 'n1')] }, (view, path) => {
    if (path.endsWith('/n2')) return { metadata: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    view.deletePod('p1', { observed: true });
    view.setPod(podOf('p2', 'n2'));
    return { metadata: {}, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } };
  });
  vi.setSystemTime(Date.now() + 20_000);
  const sight = await observer.lookCloser(observer.look());
  expect(sight.details).toBeUndefined();
  expect((await observer.lookCloser(sight)).details).toEqual({ events: [], nodeProblem: undefined });
});

it('remembers its own Job when another takes the name', async () => {
  const { view, observer } = await observing({ job: jobOf('ours') }, () => undefined);
  expect(observer.look()).toMatchObject({ job: jobOf('ours'), lastJob: jobOf('ours') });
  view.setJob(jobOf('theirs'));
  await observer.nextChange(100);
  expect(observer.look()).toMatchObject({ job: undefined, wasInView: true, lastJob: jobOf('ours') });
});

it('does not mistake another Job of the same name for its own', async () => {
  const { observer } = await observing({ job: jobOf('theirs') }, () => undefined);
  expect(await observer.findJob()).toBe(true);
  expect(observer.look()).toMatchObject({ job: undefined, wasInView: true, lastJob: undefined });
});
