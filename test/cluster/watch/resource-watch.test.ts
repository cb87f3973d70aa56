import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../dev/poll.ts';
import type { ClusterApi } from '../../../src/cluster/api.ts';
import { JOBS } from '../../../src/cluster/resources.ts';
import { ResourceWatch } from '../../../src/cluster/watch/resource-watch.ts';
import type { WatchTiming, WatchTransition } from '../../../src/cluster/watch/watch-state.ts';
import type { KubernetesObject } from '../../../src/kubernetes/types.ts';
import { client, owned } from '../../fakes/client.ts';
import { only, status } from '../../fakes/fake-api-server.ts';
import { expired, FakeStore } from '../../fakes/fake-store.ts';
import { FaultProxy } from '../../fakes/fault-proxy.ts';

const FAST = { backoffFirstMs: 2, backoffMostMs: 20, unreachableMostMs: 20, shortMs: 0 };

let store: FakeStore;
beforeEach(async () => {
  store = owned(await FakeStore.start());
});

function named(name: string, uid?: string): KubernetesObject {
  return { metadata: { name, ...(uid === undefined ? {} : { uid }) } };
}

function stopped(watch: ResourceWatch<KubernetesObject>): Promise<void> {
  watch.stop();
  return watch.done;
}

/** Records what a watch delivers: the names of existing objects by UID, its transitions and its failures. */
class Seen {
  readonly transitions: WatchTransition[] = [];
  readonly failures: string[] = [];
  readonly events: string[] = [];
  readonly watch: ResourceWatch<KubernetesObject>;
  objects = new Map<string, string>();
  lists = 0;

  constructor(server: string, timing: Partial<WatchTiming> = {}, api?: ClusterApi) {
    const observer = { onWatchTransition: (transition: WatchTransition) => this.transitions.push(transition) };
    this.watch = new ResourceWatch<KubernetesObject>(
      api ?? client({ server }, { observer, timing: { windowMs: 20, readMs: 1_000 } }),
      { resource: JOBS, namespace: 'ns', labelSelector: 'a=b' },
      {
        listed: (items) => {
          this.lists++;
          this.objects = new Map(items.map(({ metadata }) => [metadata.uid ?? '', metadata.name ?? '']));
        },
        changed: ({ metadata }) => {
          this.events.push(`+${metadata.name}`);
          this.objects.set(metadata.uid ?? '', metadata.name ?? '');
        },
        deleted: ({ metadata }) => {
          this.events.push(`-${metadata.name}`);
          this.objects.delete(metadata.uid ?? '');
        },
        failed: (error) => this.failures.push(String(error)),
      },
      { ownConnection: true, timing: { ...FAST, ...timing } },
    );
    owned({ close: () => stopped(this.watch) });
  }

  get names(): string[] {
    return [...this.objects.values()].sort();
  }

  get reasons(): string[] {
    return this.transitions.map(({ to, reason }) => `${to} (${reason})`);
  }

  async sees(...names: string[]): Promise<void> {
    await until(`it sees ${names.join(', ')}`, () => this.names.join() === names.join());
  }
}

it('passes through its states', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => seen.watch.state === 'watching');
  seen.watch.stop();
  await seen.watch.done;
  expect(seen.watch.state).toBe('stopped');
  expect(seen.reasons).toEqual([
    'listing (started)',
    'connecting (listed)',
    'watching (connected)',
    'stopped (stopped)',
  ]);
  expect(seen.transitions[0]).toMatchObject({ cluster: 'test', resource: 'jobs.batch', namespace: 'ns' });
});

it('sends its selector to the server and asks for bookmarks', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => seen.watch.state === 'watching');
  const [query] = store.watches('jobs');
  expect(Object.fromEntries(query ?? [])).toMatchObject({
    labelSelector: 'a=b',
    allowWatchBookmarks: 'true',
    resourceVersion: store.version,
    timeoutSeconds: '290',
  });
});

it('reads a list of several pages', async () => {
  for (let i = 0; i < 7; i++) store.put('jobs', named(`j${i}`));
  store.pagesOf(3);
  const seen = new Seen(store.server.url.href);
  await seen.sees('j0', 'j1', 'j2', 'j3', 'j4', 'j5', 'j6');
  expect(seen.lists).toBe(1);
});

it('reads the list in one page if the continue token expires', async () => {
  for (let i = 0; i < 7; i++) store.put('jobs', named(`j${i}`));
  store.pagesOf(3);
  store.server.answer((request, response) => (request.query.has('continue') ? expired(request, response) : undefined));
  const seen = new Seen(store.server.url.href);
  await seen.sees('j0', 'j1', 'j2', 'j3', 'j4', 'j5', 'j6');
  expect(seen.lists).toBe(1);
  expect(seen.failures).toEqual([]);
});

describe('delivers what it missed', () => {
  it.each<[string, (proxy: FaultProxy) => unknown]>([
    ['a connection is cut', (proxy) => proxy.cut()],
    ['the API server ends the watch', () => store.endWatches()],
    ['the API server restarts', (proxy) => proxy.refuse()],
  ])('resumes without another list after %s', async (_name, fault) => {
    const proxy = owned(await FaultProxy.before(store.server.url));
    const seen = new Seen(`http://127.0.0.1:${proxy.port}`);
    await until('it watches', () => store.watching('jobs') === 1);
    store.put('jobs', named('a'));
    await seen.sees('a');
    await fault(proxy);
    store.put('jobs', named('b'));
    store.remove('jobs', 'a');
    await proxy.accept();
    await seen.sees('b');
    expect(seen.events).toEqual(['+a', '+b', '-a']);
    expect(seen.lists).toBe(1);
    expect(store.watches('jobs').length).toBeGreaterThan(1);
  });

  it('lists again after its version has expired (410), and removes what is missing', async () => {
    store.put('jobs', named('a'));
    const proxy = owned(await FaultProxy.before(store.server.url));
    const seen = new Seen(`http://127.0.0.1:${proxy.port}`);
    await until('it watches', () => store.watching('jobs') === 1);
    await proxy.refuse();
    store.put('jobs', named('b'));
    store.remove('jobs', 'a');
    store.compact();
    await proxy.accept();
    await seen.sees('b');
    expect(seen.reasons).toContain('waiting (expired)');
    expect(seen.lists).toBe(2);
    expect(seen.events).toEqual([]);
  });

  it.each([
    ['410', { code: 410, reason: 'Expired', message: 'too old resource version' }, 'expired'],
    ['500', { code: 500, reason: 'InternalError', message: 'etcd lost its leader' }, 'broken'],
  ])('lists again after an ERROR event (%s)', async (_name, object, reason) => {
    const seen = new Seen(store.server.url.href);
    await until('it watches', () => store.watching('jobs') === 1);
    store.raw(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', ...object } })}\n`);
    await until('it lists again', () => seen.lists === 2);
    expect(seen.reasons).toContain(`waiting (${reason})`);
  });

  it.each([
    ['a line that is not JSON', '{"type": "ADDED", "obj\n'],
    ['JSON that is not an event', '{"hello": 1}\n'],
    ['null', 'null\n'],
  ])('lists again after %s, and continues', async (_name, line) => {
    const seen = new Seen(store.server.url.href);
    await until('it watches', () => store.watching('jobs') === 1);
    store.raw(line);
    store.put('jobs', named('a'));
    await seen.sees('a');
    expect(seen.lists).toBe(2);
    expect(seen.failures[0]).toContain('the watch sent a line that is no');
    expect(seen.failures[0]).not.toContain('hello');
  });

  it('lists again if its version is newer than that of an etcd restored from a backup', async () => {
    store.server.script(
      ...Array(1).fill(() => undefined),
      status(504, 'Timeout', 'Too large resource version', {
        details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
      }),
    );
    const seen = new Seen(store.server.url.href);
    await until('it watches', () => seen.watch.state === 'watching');
    expect(seen.lists).toBe(2);
  });
});

it('resumes from the version of a bookmark', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  for (let i = 0; i < 5; i++) store.put('pods', named(`p${i}`));
  const before = store.watches('jobs')[0]?.get('resourceVersion');
  store.bookmark();
  store.compact();
  await until('the bookmark has arrived', () => seen.watch.resourceVersion === store.version);
  store.server.cut();
  await until('it watches again', () => store.watches('jobs').length === 2);
  expect(store.watches('jobs')[1]?.get('resourceVersion')).toBe(store.version);
  expect(before).not.toBe(store.version);
  expect(seen.lists).toBe(1);
});

it('resumes after a stream falls silent, without reporting a failure', async () => {
  const seen = new Seen(store.server.url.href, { silenceMs: 60 });
  await until('it has watched twice', () => store.watches('jobs').length >= 2);
  store.put('jobs', named('a'));
  await seen.sees('a');
  expect(seen.reasons).toContain('connecting (silent)');
  expect(seen.failures).toEqual([]);
  expect(seen.lists).toBe(1);
});

it('assembles events that are split at any byte, even inside a character', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ü€😀', uid: 'u' } } })}\n`);
  for (const byte of bytes) {
    store.raw(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await seen.sees('ü€😀');
});

it('accepts an object of 8 MiB, and rejects a line over 16 MiB', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  const annotations = { big: 'x'.repeat(8 * 1024 * 1024) };
  store.put('jobs', { metadata: { name: 'big', annotations } });
  await seen.sees('big');
  store.raw('x'.repeat(17 * 1024 * 1024));
  await until('it lists again', () => seen.lists === 2);
  expect(seen.failures[0]).toContain('a line is longer than');
});

it('backs off if the server closes every watch at once', async () => {
  store.server.answer(
    only('GET', /jobs$/, (request, response) =>
      request.query.has('watch') ? response.writeHead(200).end() : undefined,
    ),
  );
  const at: number[] = [];
  store.server.answer((request) => void (request.query.has('watch') && at.push(performance.now())));
  const seen = new Seen(store.server.url.href, { shortMs: 1_000, backoffFirstMs: 40, backoffMostMs: 80 });
  await until('it has connected five times', () => at.length >= 5);
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(19);
  expect(seen.failures).toEqual([]);
});

it('retries with back-off while the API server is unreachable', async () => {
  const proxy = owned(await FaultProxy.before(store.server.url));
  await proxy.refuse();
  const seen = new Seen(`http://127.0.0.1:${proxy.port}`);
  await until('it failed three times', () => seen.failures.length >= 3);
  expect(seen.failures[0]).toMatch(/unreachable: list jobs.batch in namespace ns on cluster test: .*ECONNREFUSED/);
  await proxy.accept();
  await until('it watches', () => seen.watch.state === 'watching');
});

it('resumes after its token has expired (401)', async () => {
  let expiredToken = false;
  store.server.answer((request, response) => {
    if (expiredToken) return status(401, 'Unauthorized', 'Unauthorized')(request, response);
    return undefined;
  });
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  expiredToken = true;
  store.server.cut();
  await until('it is refused', () => seen.failures.some((text) => text.includes('unauthorized: watch jobs.batch')));
  expiredToken = false;
  store.put('jobs', named('a'));
  await seen.sees('a');
  expect(seen.lists).toBe(1);
});

it('waits for the Retry-After of a 429', async () => {
  const at: number[] = [];
  store.server.script(
    () => undefined,
    status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '1' } }),
  );
  store.server.answer((request) => void (request.query.has('watch') && at.push(performance.now())));
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => seen.watch.state === 'watching');
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(995);
});

it('lists again after a handler throws', async () => {
  let broken = true;
  const items: string[][] = [];
  const watch = new ResourceWatch<KubernetesObject>(
    client({ server: store.server.url.href }),
    { resource: JOBS, namespace: 'ns' },
    {
      listed: (all) => items.push(all.map(({ metadata }) => metadata.name ?? '')),
      changed: () => {
        if (broken) throw new Error('a bug');
      },
      deleted: () => undefined,
    },
    { ownConnection: true, timing: FAST },
  );
  owned({ close: () => stopped(watch) });
  await until('it watches', () => store.watching('jobs') === 1);
  store.put('jobs', named('a'));
  await until('it lists again', () => items.length === 2);
  broken = false;
  expect(items[1]).toEqual(['a']);
});

it('calls no handler for events that arrive after its stop', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  store.raw('{"type":"ADDED","object":{"metadata":{"name":"late","uid":"u"}}}\n'.repeat(100));
  seen.watch.stop();
  await seen.watch.done;
  expect(seen.events).toEqual([]);
  await until('the server has closed the watch', () => store.watching('jobs') === 0);
});

it('delivers no further event of a chunk if a handler stops it', async () => {
  const names: string[] = [];
  const watch: ResourceWatch<KubernetesObject> = new ResourceWatch<KubernetesObject>(
    client({ server: store.server.url.href }),
    { resource: JOBS, namespace: 'ns' },
    {
      listed: () => undefined,
      changed: ({ metadata }) => {
        names.push(metadata.name ?? '');
        watch.stop();
      },
      deleted: () => undefined,
    },
    { ownConnection: true, timing: FAST },
  );
  await until('it watches', () => store.watching('jobs') === 1);
  const event = (name: string) => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name, uid: name } } })}\n`;
  store.raw(event('a') + event('b'));
  await watch.done;
  expect(names).toEqual(['a']);
});

it('does not deliver a list if it is stopped while reading it', async () => {
  store.put('jobs', named('a'));
  let lists = 0;
  const watch: ResourceWatch<KubernetesObject> = new ResourceWatch<KubernetesObject>(
    client({ server: store.server.url.href }),
    { resource: JOBS, namespace: 'ns' },
    { listed: () => lists++, changed: () => undefined, deleted: () => undefined },
    {
      ownConnection: true,
      trim: (object) => {
        watch.stop();
        return object;
      },
    },
  );
  await watch.done;
  expect(lists).toBe(0);
});

it('does not deliver a list that arrives after its stop', async () => {
  let answer: (() => void) | undefined;
  store.server.answer(
    only('GET', /jobs$/, (_request, response) => {
      answer = () => response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
      return true;
    }),
  );
  const seen = new Seen(store.server.url.href);
  await until('it lists', () => answer !== undefined);
  seen.watch.stop();
  answer?.();
  await seen.watch.done;
  expect(seen.lists).toBe(0);
});

it('loses nothing and does not list again if it is cut every 20 ms for a second', async () => {
  const seen = new Seen(store.server.url.href);
  await until('it watches', () => store.watching('jobs') === 1);
  const cutting = setInterval(() => store.server.cut(), 20);
  for (let i = 0; i < 50; i++) {
    store.put('jobs', named(`j${i}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  clearInterval(cutting);
  await until('it has seen all', () => seen.objects.size === 50);
  expect(seen.events).toHaveLength(50);
  expect(seen.lists).toBe(1);
});

it('takes turns with the others if it shares a connection', async () => {
  const api = client({ server: store.server.url.href });
  const watches = [0, 1, 2].map(
    () =>
      new ResourceWatch<KubernetesObject>(
        api,
        { resource: JOBS, namespace: 'ns' },
        { listed: () => undefined, changed: () => undefined, deleted: () => undefined },
      ),
  );
  owned({ close: () => Promise.all(watches.map(stopped)) });
  await until('one watches', () => store.watching('jobs') === 1);
  expect(store.watches('jobs')[0]?.get('timeoutSeconds')).toBe('2');
  store.endWatches();
  await until('the next one watches', () => store.watches('jobs').length === 2);
  expect(store.server.mostOpen).toBeLessThanOrEqual(2);
});
