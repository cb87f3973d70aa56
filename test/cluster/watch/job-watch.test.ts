import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../dev/poll.ts';
import { JobWatch, type JobWatchTiming, jobSources } from '../../../src/cluster/watch/job-watch.ts';
import { CONTROLLER_UID_LABEL, JOB_NAME_LABEL, terminalCondition } from '../../../src/kubernetes/job.ts';
import type { Job, Pod, PodStatus } from '../../../src/kubernetes/types.ts';
import { endedOnItsOwn } from '../../../src/run/ending/verdict.ts';
import { client, owned } from '../../fakes/client.ts';
import { only, status } from '../../fakes/fake-api-server.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { FaultProxy } from '../../fakes/fault-proxy.ts';

const never = new AbortController().signal;
const FAST = { backoffFirstMs: 2, backoffMostMs: 20, unreachableMostMs: 20, shortMs: 0, lingerMs: 0, syncMs: 50 };

let store: FakeStore;
beforeEach(async () => {
  store = owned(await FakeStore.start());
});

function watchOf(server = store.server.url.href, timing: Partial<JobWatchTiming> = {}): JobWatch {
  return watchesOf(['ns'], server, timing)[0] as JobWatch;
}

/** Watches of several namespaces of one cluster. */
function watchesOf(namespaces: string[], server = store.server.url.href, more: Partial<JobWatchTiming> = {}) {
  const timing = { ...FAST, ...more };
  const sources = jobSources(client({ server }, { timing: { windowMs: 20, readMs: 1_000 } }), 'a=b', timing);
  const watches = namespaces.map((namespace) => new JobWatch(sources, namespace, timing));
  owned({
    close: async () => {
      for (const watch of watches) watch.stop();
    },
  });
  return watches;
}

function job(name: string, { uid, complete }: { uid?: string; complete?: boolean } = {}): Job {
  return {
    metadata: { name, ...(uid === undefined ? {} : { uid }) },
    spec: { template: { spec: { containers: [{ name: 'validator', image: 'i' }] } } },
    status: complete === true ? { conditions: [{ type: 'Complete', status: 'True' }] } : { active: 1 },
  };
}

function pod(name: string, jobName: string, podStatus: PodStatus = { phase: 'Running' }, more: object = {}): Pod {
  return {
    metadata: { name, labels: { [JOB_NAME_LABEL]: jobName, [CONTROLLER_UID_LABEL]: 'j', secret: 'x' }, ...more },
    spec: { containers: [{ name: 'validator', image: 'i' }], nodeName: 'n1' },
    status: podStatus,
  };
}

const exited = (exitCode: number): PodStatus => ({
  phase: 'Succeeded',
  containerStatuses: [{ name: 'validator', state: { terminated: { exitCode, finishedAt: '2026-01-01T00:00:10Z' } } }],
});

/** The Job as the watch knows it now. */
async function look(watch: JobWatch, name: string): Promise<Job | undefined> {
  const view = await watch.open(name, never);
  view.close();
  return view.job;
}

const uids = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

it('shares one list and one watch of each kind among a thousand waiters', async () => {
  const watch = watchOf();
  const views = await Promise.all(Array.from({ length: 1000 }, (_, i) => watch.open(`j${i}`, never)));
  await until('it watches', () => store.watchers.size === 2);
  expect([store.lists('jobs'), store.lists('pods')]).toEqual([1, 1]);
  expect([store.watches('jobs').length, store.watches('pods').length]).toEqual([1, 1]);
  store.put('jobs', job('j500'));
  await views[500]?.changed(never);
  expect(views[500]?.job?.metadata.name).toBe('j500');
  expect(views[499]?.job).toBe(undefined);
  for (const view of views) view.close();
});

it('lets the server select objects, and keeps only what waiters read', async () => {
  store.put('jobs', { ...job('a'), metadata: { name: 'a', annotations: { big: 'x' }, labels: { l: 'm' } } });
  store.put('pods', pod('p', 'a'));
  const view = await watchOf().open('a', never);
  expect(store.watches('jobs')[0]?.get('labelSelector') ?? 'a=b').toBe('a=b');
  expect(view.job?.metadata).not.toHaveProperty('annotations');
  expect(view.job?.spec.template.spec.containers).toEqual([]);
  expect(Object.keys(view.pods[0]?.metadata.labels ?? {})).toEqual([JOB_NAME_LABEL, CONTROLLER_UID_LABEL]);
  expect(view.pods[0]?.spec).toEqual({ containers: [{ name: 'validator', image: 'i' }], nodeName: 'n1' });
  view.close();
});

it('updates two waiters for one Job, and the other one after one has left', async () => {
  const watch = watchOf();
  const [one, two] = await Promise.all([watch.open('a', never), watch.open('a', never)]);
  store.put('jobs', job('a'));
  await Promise.all([one.changed(never), two.changed(never)]);
  one.close();
  one.close();
  store.put('jobs', job('a', { complete: true }));
  await until('the other sees it', async () => {
    await two.changed(never);
    return two.job !== undefined && terminalCondition(two.job) !== undefined;
  });
  expect(one.job !== undefined && terminalCondition(one.job)).toBe(undefined);
  two.close();
});

describe('after an outage', () => {
  async function outage(during: () => void) {
    const proxy = owned(await FaultProxy.before(store.server.url));
    const watch = watchOf(`http://127.0.0.1:${proxy.port}`);
    const view = await watch.open('a', never);
    await until('it watches', () => store.watchers.size === 2);
    await proxy.refuse();
    during();
    await until('the waiter sees the failure', async () => {
      await view.changed(never);
      return view.failure !== undefined;
    });
    await proxy.accept();
    return view;
  }

  it('shows the completion of a Job', async () => {
    store.put('jobs', job('a'));
    const view = await outage(() => store.put('jobs', job('a', { complete: true })));
    await until('it is complete', async () => {
      await view.changed(never);
      return view.job !== undefined && terminalCondition(view.job) !== undefined;
    });
  });

  it('shows a recreated Job first as gone, then with its new UID', async () => {
    store.put('jobs', job('a', { uid: 'first' }));
    const view = await outage(() => {
      store.remove('jobs', 'a');
      store.put('jobs', job('a', { uid: 'second' }));
      store.compact();
    });
    const steps: (string | undefined)[] = [];
    await until('the second is seen', async () => {
      steps.push(view.job?.metadata.uid);
      if (view.job?.metadata.uid === 'second') return true;
      await view.changed(never);
      return false;
    });
    expect([...new Set(steps)]).toEqual(['first', undefined, 'second']);
  });

  it('adds a pod to missedDeletions if it was deleted meanwhile, but not if its deletion was received', async () => {
    store.put('jobs', job('a'));
    store.put('pods', pod('received', 'a', { phase: 'Pending' }, { uid: 'p1' }));
    store.put('pods', pod('missed', 'a', { phase: 'Pending' }, { uid: 'p2' }));
    const view = await outage(() => {
      store.remove('pods', 'missed');
      store.compact();
    });
    await until('the missed deletion is seen', async () => {
      if (view.gonePods.has('p2')) return true;
      await view.changed(never);
      return false;
    });
    await until('it watches again', () => store.watchers.size === 2);
    store.remove('pods', 'received');
    await until('the other pod is gone', async () => {
      await view.changed(never);
      return view.gonePods.has('p1');
    });
    expect([...view.missedDeletions]).toEqual(['p2']);
  });

  it('shows Job and pods as gone, and keeps the last state of the pods', async () => {
    store.put('jobs', job('a'));
    store.put('pods', pod('p', 'a', exited(1), { uid: 'p1' }));
    const view = await outage(() => {
      store.remove('jobs', 'a');
      store.remove('pods', 'p');
      store.compact();
    });
    await until('both are gone', async () => {
      if (view.job === undefined && view.gonePods.has('p1')) return true;
      await view.changed(never);
      return false;
    });
    expect(view.seen).toBe(true);
    expect(view.pods[0] !== undefined && endedOnItsOwn(view.pods[0])).toBe(true);
  });

  it('clears the failure of both watches', async () => {
    const view = await outage(() => undefined);
    expect(view.failure).toMatch(/unreachable: (list|watch) (jobs.batch|pods) in namespace ns/);
    await until('it is over', async () => {
      if (view.failure === undefined) return true;
      await view.changed(never);
      return false;
    });
    await until('both watch', () => store.watchers.size === 2);
  });
});

it('shows the failure of one watch while the other works', async () => {
  store.server.answer(
    only('GET', /pods$/, (request, response) =>
      request.query.has('watch') ? status(500, 'InternalError', 'no pods today')(request, response) : undefined,
    ),
  );
  const view = await watchOf().open('a', never);
  await until('the failure is shown', async () => {
    await view.changed(never);
    return view.failure?.includes('no pods today') === true;
  });
  store.endWatches();
  await until('the watch of Jobs works again', () => store.watching('jobs') === 1);
  expect(view.failure).toContain('no pods today');
});

it('shows a Job that ended, was deleted and was recreated meanwhile in three steps', async () => {
  store.put('jobs', job('a', { uid: 'first' }));
  const watch = watchOf();
  const view = await watch.open('a', never);
  await until('it watches', () => store.watching('jobs') === 1);
  store.put('jobs', job('a', { complete: true }));
  store.remove('jobs', 'a');
  store.put('jobs', job('a', { uid: 'second' }));
  // The waiter is busy until all changes have arrived.
  await until('all changes have arrived', async () => (await look(watch, 'a'))?.metadata.uid === 'second');
  const steps: string[] = [];
  while (view.job?.metadata.uid !== 'second') {
    await view.changed(never);
    const ended = view.job !== undefined && terminalCondition(view.job) !== undefined;
    steps.push(view.job === undefined ? 'gone' : `${view.job.metadata.uid}${ended ? ' complete' : ''}`);
  }
  expect(steps).toEqual(['first complete', 'gone', 'second']);
});

it('does not show a Job that appears later as deleted', async () => {
  const view = await watchOf().open('a', never);
  await until('it watches', () => store.watching('jobs') === 1);
  store.put('jobs', job('a'));
  await until('it is seen', () => view.seen);
  expect(view.job).toBeDefined();
});

it('keeps a pod’s verdict while the pod is being deleted', async () => {
  const view = await watchOf().open('a', never);
  await until('it watches', () => store.watching('pods') === 1);
  store.put('pods', pod('p', 'a', exited(1), { uid: 'p1' }));
  const deletionTimestamp = '2026-01-01T00:00:20Z';
  store.put('pods', pod('p', 'a', exited(137), { uid: 'p1', deletionTimestamp, deletionGracePeriodSeconds: 30 }));
  store.remove('pods', 'p');
  await until('it is gone', async () => {
    await view.changed(never);
    return view.gonePods.has('p1');
  });
  expect(view.pods[0]?.status).toMatchObject(exited(1));
});

describe('start and stop', () => {
  it('watches only while there are waiters', async () => {
    const watch = watchOf();
    expect(store.server.requests).toEqual([]);
    const one = await watch.open('a', never);
    const two = await watch.open('b', never);
    await until('it watches', () => store.watchers.size === 2);
    one.close();
    two.close();
    await until('it has stopped', () => store.watchers.size === 0);
  });

  it('keeps the watch for a waiter that comes within the linger time', async () => {
    const lingerMs = 100;
    const watch = watchOf(undefined, { lingerMs });
    const first = await watch.open('a', never);
    await until('it watches', () => store.watchers.size === 2);
    first.close();
    const closed = performance.now();
    // In the same turn of the event loop, so that the linger time cannot have passed.
    const view = await watch.open('b', never);
    // The linger time does not run while there is a waiter.
    await until('the linger would be over', () => performance.now() > closed + lingerMs + 50);
    store.put('jobs', job('b'));
    await view.changed(never);
    expect(view.job).toBeDefined();
    expect(store.lists('jobs')).toBe(1);
    view.close();
    watch.stop();
    await until('it has stopped', () => store.watchers.size === 0);
  });

  it('starts a new watch after a stop, and ignores late events of the old one', async () => {
    store.put('jobs', job('a', { uid: 'first' }));
    const watch = watchOf();
    const one = await watch.open('a', never);
    await until('it watches', () => store.watchers.size === 2);
    store.put('jobs', job('a', { complete: true }));
    watch.stop();
    const opening = watch.open('a', never);
    one.close();
    const two = await opening;
    expect(two.job !== undefined && terminalCondition(two.job)).toBeDefined();
    expect(one.job !== undefined && terminalCondition(one.job)).toBe(undefined);
    await until('the new one watches', () => store.watchers.size === 2);
    store.remove('jobs', 'a');
    await until('the new view is updated', async () => {
      await two.changed(never);
      return two.job === undefined;
    });
    expect(store.lists('jobs')).toBe(2);
  });

  it('stops the watch if its only waiter is aborted during the first list', async () => {
    let release: (() => void) | undefined;
    store.server.answer(
      only('GET', /pods$/, (request, response) => {
        if (request.query.has('watch') || release !== undefined) return undefined;
        release = () => void response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
        return true;
      }),
    );
    const stop = new AbortController();
    const watch = watchOf();
    const opening = watch.open('a', stop.signal).catch((error: unknown) => error);
    await until('it is being listed', () => release !== undefined);
    const reason = new Error('cancelled');
    stop.abort(reason);
    expect(await opening).toBe(reason);
    await until('nothing is watched', () => store.watchers.size === 0);
    release?.();
    const view = await watch.open('a', never);
    expect(view.job).toBe(undefined);
    view.close();
  });

  it('keeps the watch if one of two waiters is aborted during the first list', async () => {
    const stop = new AbortController();
    const watch = watchOf();
    const one = watch.open('a', stop.signal).catch((error: unknown) => error);
    const two = watch.open('a', never);
    stop.abort(new Error('cancelled'));
    await one;
    store.put('jobs', job('a'));
    const view = await two;
    await until('the other is updated', () => view.job !== undefined);
  });
});

describe('if Jobs or pods cannot be listed', () => {
  it('fails every waiter at once without permission, and lists again for the next one', async () => {
    let allowed = false;
    store.server.answer(
      only('GET', /pods$/, (request, response) =>
        allowed ? undefined : status(403, 'Forbidden', 'cannot list resource "pods"')(request, response),
      ),
    );
    const watch = watchOf(undefined, { syncMs: 60_000 });
    const refused = await Promise.allSettled([watch.open('a', never), watch.open('b', never)]);
    for (const one of refused) expect(one).toMatchObject({ reason: { kind: 'forbidden' } });
    allowed = true;
    const view = await watch.open('a', never);
    expect(view.failure).toBe(undefined);
  });

  it('fails the waiter after a while if the API server is unreachable', async () => {
    const watch = watchOf('http://127.0.0.1:1');
    await expect(watch.open('a', never)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

it('keeps only a fraction of the size of five thousand Jobs and pods', async () => {
  const filler = { template: { spec: { containers: [{ name: 'validator', image: 'i', args: ['x'.repeat(4000)] }] } } };
  for (let i = 0; i < 5000; i++) {
    store.put('jobs', { ...job(`j${i}`), spec: filler });
    store.put('pods', pod(`p${i}`, `j${i}`, exited(0)));
  }
  const watch = watchOf(undefined, { syncMs: 60_000 });
  const view = await watch.open('j4999', never);
  expect(uids(view.pods)).toEqual(['p4999']);
  expect(JSON.stringify([view.job, view.pods]).length).toBeLessThan(1_000);
}, 30_000);

describe('in several namespaces', () => {
  const inNamespace = (namespace: string, made: Job, uid = `${namespace}-1`): Job => ({
    ...made,
    metadata: { ...made.metadata, namespace, uid },
  });
  const scopes = () => [...store.watchers].map(({ namespace }) => namespace);
  const clusterIsWatched = () => until('the cluster is watched', () => scopes().join() === ',');

  it('serves all of them with one watch of each kind, and shows each waiter its own namespace', async () => {
    for (const namespace of ['n1', 'n2', 'n3']) store.put('jobs', inNamespace(namespace, job('same')));
    const [first, ...others] = watchesOf(['n1', 'n2', 'n3']);
    const views = [await first?.open('same', never)];
    await until('the first namespace is watched alone', () => store.watchers.size === 2);
    expect(scopes()).toEqual(['n1', 'n1']);
    for (const watch of others) views.push(await watch.open('same', never));
    await clusterIsWatched();
    expect(views.map((view) => view?.job?.metadata.uid)).toEqual(['n1-1', 'n2-1', 'n3-1']);
    store.put('jobs', inNamespace('n2', job('same', { complete: true })));
    store.remove('jobs', 'same', 'n3');
    await until('the waiter in n3 is updated', async () => {
      await views[2]?.changed(never);
      return views[2]?.job === undefined;
    });
    expect(views.map((view) => view?.job && terminalCondition(view.job)?.type)).toEqual([
      undefined,
      'Complete',
      undefined,
    ]);
    expect(views[0]?.job?.metadata.uid).toBe('n1-1');
    expect(store.server.mostOpen).toBeLessThanOrEqual(4);
    for (const view of views) view?.close();
    await until('nothing is watched any more', () => store.watchers.size === 0);
  });

  it('shows the current Jobs of a namespace that joins later', async () => {
    const [one, two, three] = watchesOf(['n1', 'n2', 'n3']);
    store.put('jobs', inNamespace('n3', job('gone'), 'n3-0'));
    await one?.open('a', never);
    const view = await two?.open('a', never);
    await clusterIsWatched();
    store.put('jobs', inNamespace('n3', job('new')));
    store.remove('jobs', 'gone', 'n3');
    store.put('jobs', inNamespace('n2', job('a')));
    await view?.changed(never);
    const late = [await three?.open('new', never), await three?.open('gone', never)];
    expect(late.map((seen) => seen?.job?.metadata.uid)).toEqual(['n3-1', undefined]);
    expect(store.lists('jobs')).toBe(2);
  });

  it('shows a Job that was deleted and one that ended while the cluster’s watch was starting', async () => {
    store.put('jobs', inNamespace('n1', job('deleted')));
    store.put('jobs', inNamespace('n1', job('ended'), 'n1-2'));
    const [one, two] = watchesOf(['n1', 'n2']);
    const [deleted, ended] = [await one?.open('deleted', never), await one?.open('ended', never)];
    await until('it watches', () => store.watchers.size === 2);
    store.server.answer((request) => {
      if (request.path !== '/apis/batch/v1/jobs' || store.lists('jobs') !== 2) return undefined;
      store.remove('jobs', 'deleted', 'n1');
      store.put('jobs', inNamespace('n1', job('ended', { complete: true }), 'n1-2'));
      return undefined;
    });
    await two?.open('a', never);
    await until('both are updated', async () => {
      await Promise.all([deleted?.changed(never), ended?.changed(never)]);
      return deleted?.job === undefined;
    });
    expect(ended?.job && terminalCondition(ended.job)?.type).toBe('Complete');
  });

  it('keeps a Job that was created right after the list of the cluster’s watch', async () => {
    const [one, two] = watchesOf(['n1', 'n2']);
    const view = await one?.open('new', never);
    await until('it watches', () => store.watchers.size === 2);
    store.server.answer((request, response) => {
      if (request.path !== '/apis/batch/v1/jobs' || store.lists('jobs') !== 2 || request.query.has('watch'))
        return undefined;
      const list = { metadata: { resourceVersion: store.version }, items: [] };
      store.put('jobs', inNamespace('n1', job('new')));
      setTimeout(() => response.end(JSON.stringify(list)), 50);
      return true;
    });
    await two?.open('a', never);
    await view?.changed(never);
    expect(view?.job?.metadata.uid).toBe('n1-1');
    await clusterIsWatched();
    store.put('jobs', inNamespace('n1', job('new', { complete: true })));
    await view?.changed(never);
    expect(view?.job && terminalCondition(view.job)?.type).toBe('Complete');
  });

  it('gives each its own watch, without a failure, if the cluster may not be watched', async () => {
    store.server.answer((request, response) =>
      request.path.includes('/namespaces/') ? undefined : status(403, 'Forbidden', 'no')(request, response),
    );
    const watches = watchesOf(['n1', 'n2', 'n3']);
    const views = await Promise.all(watches.map((watch) => watch.open('same', never)));
    await until('each is watched', () => store.watchers.size === 6);
    expect(scopes().toSorted()).toEqual(['n1', 'n1', 'n2', 'n2', 'n3', 'n3']);
    for (const namespace of ['n1', 'n2', 'n3']) store.put('jobs', inNamespace(namespace, job('same')));
    await Promise.all(views.map((view) => view.changed(never)));
    expect(views.map(({ job: seen, failure }) => [seen?.metadata.uid, failure])).toEqual([
      ['n1-1', undefined],
      ['n2-1', undefined],
      ['n3-1', undefined],
    ]);
  });
});
