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

/** The watches of several namespaces of one cluster. */
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

/** The Job as the watch has it now. */
async function look(watch: JobWatch, name: string): Promise<Job | undefined> {
  const view = await watch.open(name, never);
  view.close();
  return view.job;
}

const uids = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);

it('a thousand waiters share one list and one watch of each kind', async () => {
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

it('the server selects, and only what a waiter reads is kept', async () => {
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

it('two waiters on one Job are both told, and one that leaves takes nothing from the other', async () => {
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

describe('a gap', () => {
  async function gap(happens: () => void) {
    const proxy = owned(await FaultProxy.before(store.server.url));
    const watch = watchOf(`http://127.0.0.1:${proxy.port}`);
    const view = await watch.open('a', never);
    await until('it watches', () => store.watchers.size === 2);
    await proxy.refuse();
    happens();
    await until('the waiter is told of the trouble', async () => {
      await view.changed(never);
      return view.failure !== undefined;
    });
    await proxy.accept();
    return view;
  }

  it('in which the Job finished: the waiter is told', async () => {
    store.put('jobs', job('a'));
    const view = await gap(() => store.put('jobs', job('a', { complete: true })));
    await until('it is complete', async () => {
      await view.changed(never);
      return view.job !== undefined && terminalCondition(view.job) !== undefined;
    });
  });

  it('in which the Job was deleted and made anew under its name: seen as gone, then with another UID', async () => {
    store.put('jobs', job('a', { uid: 'first' }));
    const view = await gap(() => {
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

  it('in which a pod went: what it did meanwhile nobody knows, unlike of one whose end was told', async () => {
    store.put('jobs', job('a'));
    store.put('pods', pod('told', 'a', { phase: 'Pending' }, { uid: 'p1' }));
    store.put('pods', pod('untold', 'a', { phase: 'Pending' }, { uid: 'p2' }));
    const view = await gap(() => {
      store.remove('pods', 'untold');
      store.compact();
    });
    await until('it is missed', async () => {
      if (view.gonePods.has('p2')) return true;
      await view.changed(never);
      return false;
    });
    await until('it watches again', () => store.watchers.size === 2);
    store.remove('pods', 'told');
    await until('the other is gone, too', async () => {
      await view.changed(never);
      return view.gonePods.has('p1');
    });
    expect([...view.missedDeletions]).toEqual(['p2']);
  });

  it('in which everything went: Job and pods are gone, what was seen of the pods is kept', async () => {
    store.put('jobs', job('a'));
    store.put('pods', pod('p', 'a', exited(1), { uid: 'p1' }));
    const view = await gap(() => {
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

  it('is over: the trouble is no longer shown, of either watch', async () => {
    const view = await gap(() => undefined);
    expect(view.failure).toMatch(/unreachable: (list|watch) (jobs.batch|pods) in namespace ns/);
    await until('it is over', async () => {
      if (view.failure === undefined) return true;
      await view.changed(never);
      return false;
    });
    await until('both watch', () => store.watchers.size === 2);
  });
});

it('trouble of one watch is shown though the other one works', async () => {
  store.server.answer(
    only('GET', /pods$/, (asked, response) =>
      asked.query.has('watch') ? status(500, 'InternalError', 'no pods today')(asked, response) : undefined,
    ),
  );
  const view = await watchOf().open('a', never);
  await until('it is told', async () => {
    await view.changed(never);
    return view.failure?.includes('no pods today') === true;
  });
  store.endWatches();
  await until('the watch of Jobs works again', () => store.watching('jobs') === 1);
  expect(view.failure).toContain('no pods today');
});

it('a Job that ended, was deleted and made anew while the waiter looked away is seen in three steps', async () => {
  store.put('jobs', job('a', { uid: 'first' }));
  const watch = watchOf();
  const view = await watch.open('a', never);
  await until('it watches', () => store.watching('jobs') === 1);
  store.put('jobs', job('a', { complete: true }));
  store.remove('jobs', 'a');
  store.put('jobs', job('a', { uid: 'second' }));
  // The waiter is busy until all has come.
  await until('all has come', async () => (await look(watch, 'a'))?.metadata.uid === 'second');
  const steps: string[] = [];
  while (view.job?.metadata.uid !== 'second') {
    await view.changed(never);
    const ended = view.job !== undefined && terminalCondition(view.job) !== undefined;
    steps.push(view.job === undefined ? 'gone' : `${view.job.metadata.uid}${ended ? ' complete' : ''}`);
  }
  expect(steps).toEqual(['first complete', 'gone', 'second']);
});

it('a Job that appears after the waiter is not taken for one that was deleted', async () => {
  const view = await watchOf().open('a', never);
  await until('it watches', () => store.watching('jobs') === 1);
  store.put('jobs', job('a'));
  await until('it is seen', () => view.seen);
  expect(view.job).toBeDefined();
});

it('a pod’s verdict that was seen stays, whatever the pod looks like while it is deleted', async () => {
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
  it('nothing is watched before the first waiter, nor after the last', async () => {
    const watch = watchOf();
    expect(store.server.asked).toEqual([]);
    const one = await watch.open('a', never);
    const two = await watch.open('b', never);
    await until('it watches', () => store.watchers.size === 2);
    one.close();
    two.close();
    await until('it has stopped', () => store.watchers.size === 0);
  });

  it('a waiter that comes within the linger finds the watch as it was', async () => {
    const lingerMs = 100;
    const watch = watchOf(undefined, { lingerMs });
    const first = await watch.open('a', never);
    await until('it watches', () => store.watchers.size === 2);
    first.close();
    const closed = performance.now();
    // In the same turn, so that the linger cannot be over by then.
    const view = await watch.open('b', never);
    // And its time does not run on while somebody waits.
    await until('the linger would be over', () => performance.now() > closed + lingerMs + 50);
    store.put('jobs', job('b'));
    await view.changed(never);
    expect(view.job).toBeDefined();
    expect(store.lists('jobs')).toBe(1);
    view.close();
    watch.stop();
    await until('it has stopped', () => store.watchers.size === 0);
  });

  it('stopped and opened in the same turn: the new waiter has a watch of its own, the old one’s late news reach nobody', async () => {
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
    await until('it is told', async () => {
      await two.changed(never);
      return two.job === undefined;
    });
    expect(store.lists('jobs')).toBe(2);
  });

  it('aborted while it is being listed: the waiter leaves, and the watch ends with it', async () => {
    let release: (() => void) | undefined;
    store.server.answer(
      only('GET', /pods$/, (asked, response) => {
        if (asked.query.has('watch') || release !== undefined) return undefined;
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

  it('one of two waiters aborted while it is being listed does not take the watch from the other', async () => {
    const stop = new AbortController();
    const watch = watchOf();
    const one = watch.open('a', stop.signal).catch((error: unknown) => error);
    const two = watch.open('a', never);
    stop.abort(new Error('cancelled'));
    await one;
    store.put('jobs', job('a'));
    const view = await two;
    await until('it is told', () => view.job !== undefined);
  });
});

describe('Jobs or pods that cannot be listed', () => {
  it('no permission: every waiter is told at once, and the next one tries anew', async () => {
    let allowed = false;
    store.server.answer(
      only('GET', /pods$/, (asked, response) =>
        allowed ? undefined : status(403, 'Forbidden', 'cannot list resource "pods"')(asked, response),
      ),
    );
    const watch = watchOf(undefined, { syncMs: 60_000 });
    const refused = await Promise.allSettled([watch.open('a', never), watch.open('b', never)]);
    for (const one of refused) expect(one).toMatchObject({ reason: { kind: 'forbidden' } });
    allowed = true;
    const view = await watch.open('a', never);
    expect(view.failure).toBe(undefined);
  });

  it('an API server that is away: the waiter is told after a while', async () => {
    const watch = watchOf('http://127.0.0.1:1');
    await expect(watch.open('a', never)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

it('five thousand Jobs and pods: a fraction of what they are is held', async () => {
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

  it('one watch of each kind serves all of them, and each waiter sees its own namespace', async () => {
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
    await until('n3 has heard of it', async () => {
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

  it('a namespace that joins them later finds what has become of its Jobs by then', async () => {
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

  it('what happened while the watch became wider is told: a Job that went, and one that ended', async () => {
    store.put('jobs', inNamespace('n1', job('went')));
    store.put('jobs', inNamespace('n1', job('ended'), 'n1-2'));
    const [one, two] = watchesOf(['n1', 'n2']);
    const [went, ended] = [await one?.open('went', never), await one?.open('ended', never)];
    await until('it watches', () => store.watchers.size === 2);
    store.server.answer((asked) => {
      if (asked.path !== '/apis/batch/v1/jobs' || store.lists('jobs') !== 2) return undefined;
      store.remove('jobs', 'went', 'n1');
      store.put('jobs', inNamespace('n1', job('ended', { complete: true }), 'n1-2'));
      return undefined;
    });
    await two?.open('a', never);
    await until('both are told', async () => {
      await Promise.all([went?.changed(never), ended?.changed(never)]);
      return went?.job === undefined;
    });
    expect(ended?.job && terminalCondition(ended.job)?.type).toBe('Complete');
  });

  it('a list that is older than what comes right after it takes nothing away again', async () => {
    const [one, two] = watchesOf(['n1', 'n2']);
    const view = await one?.open('new', never);
    await until('it watches', () => store.watchers.size === 2);
    store.server.answer((asked, response) => {
      if (asked.path !== '/apis/batch/v1/jobs' || store.lists('jobs') !== 2 || asked.query.has('watch'))
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

  it('where the cluster may not be watched, each has a watch of its own, and nobody is told of trouble', async () => {
    store.server.answer((asked, response) =>
      asked.path.includes('/namespaces/') ? undefined : status(403, 'Forbidden', 'no')(asked, response),
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
