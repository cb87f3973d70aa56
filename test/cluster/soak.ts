import { until } from '../../dev/poll.ts';
import { isKind, isTransient } from '../../src/cluster/cluster-error.ts';
import { connect } from '../../src/cluster/clusters.ts';
import { readLog } from '../../src/cluster/pod-log.ts';
import { PODS } from '../../src/cluster/resources.ts';
import type { WatchTransition } from '../../src/cluster/watch/watch-state.ts';
import { JOB_NAME_LABEL, terminalCondition } from '../../src/kubernetes/job.ts';
import { terminatedState } from '../../src/kubernetes/pod.ts';
import { resultPodOf } from '../../src/run/ending/result-pod.ts';
import { kubeConfig } from '../fakes/client.ts';
import { type Answer, hangUp, json, silence, status } from '../fakes/fake-api-server.ts';
import { expired, FakeStore } from '../fakes/fake-store.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';

export interface SoakOptions {
  seconds: number;
  /** Jobs with a waiter at the same time. */
  parallel: number;
  /** Returns numbers between 0 and 1, as `Math.random` does. */
  random: () => number;
  log?: (line: string) => void;
}

export interface SoakResult {
  jobs: number;
  /** Verdicts and logs that were wrong or missing. */
  wrong: string[];
  faults: Record<string, number>;
  transitions: Record<string, number>;
  requests: number;
  connectionsLeft: number;
  resourcesLeft: string[];
}

const TIMING = { firstMs: 5, mostMs: 100, windowMs: 400, readMs: 800, writeMs: 800 };
const WATCH = {
  backoffFirstMs: 5,
  backoffMostMs: 100,
  unreachableMostMs: 100,
  silenceMs: 700,
  shortMs: 0,
  lingerMs: 50,
  syncMs: 500,
};

/**
 * Runs the cluster layer under random faults. Jobs are created, end and are deleted, while connections are cut,
 * refused, stalled and truncated and the server sends any kind of answer. No verdict may be lost or wrong, no log line
 * lost or repeated, and no connection or timer left behind.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const before = process.getActiveResourcesInfo();
  const store = await FakeStore.start();
  const proxy = await FaultProxy.before(store.server.url);
  const transitions: Record<string, number> = {};
  const observer = {
    onWatchTransition: ({ from, to, reason }: WatchTransition) => count(transitions, `${from} → ${to} (${reason})`),
  };
  const config = kubeConfig({ server: `http://127.0.0.1:${proxy.port}`, user: { token: 'soak' } });
  const common = { userAgent: 'soak', selector: 'a=b', env: {}, observer };
  const cluster = connect('soak', () => config, { ...common, timing: TIMING, watchTiming: WATCH });
  const faults = new RandomFaults(store, proxy, options.random);
  const end = performance.now() + options.seconds * 1000;
  const wrong: string[] = [];
  let jobs = 0;
  const runValidators = async (index: number) => {
    for (let i = 0; performance.now() < end; i++) {
      const name = `job-${index}-${i}`;
      const found = await runValidator(store, cluster, name, options.random).catch((error: unknown) => [String(error)]);
      wrong.push(...found.map((text) => `${name}: ${text}`));
      jobs++;
    }
  };
  const report = setInterval(() => options.log?.(`${jobs} Jobs, ${wrong.length} wrong`), 10_000);
  const injecting = faults.injectUntil(end);
  await Promise.all(Array.from({ length: options.parallel }, (_, index) => runValidators(index)));
  await injecting;
  clearInterval(report);
  await cluster.close();
  await until('the proxy has no connection', () => proxy.open === 0).catch(() => undefined);
  const connectionsLeft = proxy.open;
  const requests = store.server.requests.length;
  await proxy.close();
  await store.close();
  const resourcesLeft = await resourcesBeyond(before);
  return {
    jobs,
    wrong: wrong.slice(0, 20),
    faults: faults.injected,
    transitions,
    requests,
    connectionsLeft,
    resourcesLeft,
  };
}

/** Runs one validator from its Job's creation to its deletion. @returns what the waiter saw wrongly. */
async function runValidator(
  store: FakeStore,
  cluster: SoakCluster,
  name: string,
  random: () => number,
): Promise<string[]> {
  const wrong: string[] = [];
  const exitCode = Math.floor(random() * 3);
  make(store, name);
  const ended = sleep(random() * 400).then(() => finish(store, name, exitCode));
  const seen = await waitForVerdict(cluster, name);
  await ended;
  if (seen !== exitCode) wrong.push(`ended with ${exitCode}, seen as ${seen}`);
  const log = await persist(() => logOf(cluster, name));
  if (log !== logText(name)) wrong.push(`its log of ${logText(name).length} bytes arrived as ${log.length}`);
  store.remove('jobs', name);
  store.remove('pods', `${name}-pod`);
  await waitUntilGone(cluster, name);
  return wrong;
}

/** Waits until the process has no more sockets and timers than before. @returns all of them if it still has. */
async function resourcesBeyond(before: string[]): Promise<string[]> {
  await until('nothing is left', () => process.getActiveResourcesInfo().length <= before.length).catch(() => undefined);
  const after = process.getActiveResourcesInfo();
  return after.length > before.length ? after : [];
}

type SoakCluster = ReturnType<typeof connect>;

function make(store: FakeStore, name: string): void {
  store.put('jobs', { metadata: { name }, spec: {} } as never);
  store.put('pods', { metadata: { name: `${name}-pod`, labels: { [JOB_NAME_LABEL]: name } } });
}

function finish(store: FakeStore, name: string, exitCode: number): void {
  const terminated = { exitCode, finishedAt: '2026-01-01T00:00:00Z' };
  const podStatus = { containerStatuses: [{ name: 'validator', state: { terminated } }] };
  const labels = { [JOB_NAME_LABEL]: name };
  store.put('pods', { metadata: { name: `${name}-pod`, labels }, status: podStatus } as never);
  const conditions = [{ type: exitCode === 0 ? 'Complete' : 'Failed', status: 'True' }];
  store.put('jobs', { metadata: { name }, spec: {}, status: { conditions } } as never);
}

async function waitForVerdict(cluster: SoakCluster, name: string): Promise<number | undefined> {
  const view = await persist((signal) => cluster.jobs('ns').open(name, signal));
  try {
    for (;;) {
      if (view.seen && view.job === undefined) throw new Error('mistaken for deleted');
      const pod = resultPodOf(view.pods);
      const terminated = pod === undefined ? undefined : terminatedState(pod);
      if (view.job !== undefined && terminalCondition(view.job) && terminated) return terminated.exitCode;
      await view.changed(AbortSignal.timeout(20_000));
    }
  } finally {
    view.close();
  }
}

async function waitUntilGone(cluster: SoakCluster, name: string): Promise<void> {
  const view = await persist((signal) => cluster.jobs('ns').open(name, signal));
  try {
    while (view.job !== undefined || view.pods.length > view.gonePods.size) {
      await view.changed(AbortSignal.timeout(20_000));
    }
  } finally {
    view.close();
  }
}

async function logOf(cluster: SoakCluster, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  const ref = { namespace: 'ns', pod: `${name}-pod`, container: 'validator' };
  const take = (chunk: Uint8Array) => void chunks.push(Buffer.from(chunk));
  await readLog(cluster.api, ref, take, AbortSignal.timeout(20_000), { silenceMs: 500, backoffMs: 5 });
  await cluster.api.list(PODS, { namespace: 'ns' });
  return Buffer.concat(chunks).toString('utf8');
}

function logText(name: string): string {
  return `${name} says hello\n`.repeat(2_000);
}

/**
 * Retries until the work succeeds, as Temporal does with an activity. Throws a failure that no retry can help.
 */
async function persist<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work(AbortSignal.timeout(20_000));
    } catch (error) {
      // `unexpected` is an invalid line of one watch, reported to a waiter for the first list of the other. Temporal
      // would retry after it too.
      if (!isTransient(error) && !isKind(error, 'unauthorized', 'conflict', 'expired', 'unexpected')) throw error;
      await sleep(20);
    }
  }
}

const ANSWERS: Record<string, Answer> = {
  '429': status(429, 'TooManyRequests', 'slow down'),
  '500': status(500, 'InternalError', 'on fire'),
  '503': status(503, 'ServiceUnavailable', 'starting'),
  '401': status(401, 'Unauthorized', 'Unauthorized'),
  '410': (request, response) => (request.path.endsWith('/log') ? undefined : expired(request, response)),
  'an error page': json(502, 'Bad Gateway'),
  'hung up': hangUp,
  'no answer': silence,
};

/** Injects one fault after another, each for a moment, with short calm periods between them. */
class RandomFaults {
  readonly injected: Record<string, number> = {};
  readonly #store: FakeStore;
  readonly #proxy: FaultProxy;
  readonly #random: () => number;
  #answer: Answer | undefined;

  constructor(store: FakeStore, proxy: FaultProxy, random: () => number) {
    this.#store = store;
    this.#proxy = proxy;
    this.#random = random;
    store.server.answer((request, response) =>
      request.path.endsWith('/log')
        ? response.writeHead(200).end(logText(request.path.split('/').at(-2)?.replace(/-pod$/, '') ?? ''))
        : undefined,
    );
    store.server.answer((request, response) => (this.#random() < 0.5 ? this.#answer?.(request, response) : undefined));
  }

  async injectUntil(end: number): Promise<void> {
    const kinds = Object.entries(this.#faults());
    while (performance.now() < end) {
      const [name, fault] = kinds[Math.floor(this.#random() * kinds.length)] ?? ['', () => undefined];
      count(this.injected, name);
      await fault();
      await this.#calmDown();
    }
    await this.#proxy.accept();
  }

  async #calmDown(): Promise<void> {
    this.#answer = undefined;
    this.#proxy.truncateAfter(Number.POSITIVE_INFINITY);
    this.#proxy.delay(0);
    this.#proxy.unstall();
    await this.#proxy.accept();
    await sleep(this.#random() * 150);
  }

  #faults(): Record<string, () => unknown> {
    const moment = () => sleep(this.#random() * 400);
    const line = (text: string) => () => this.#store.raw(`${text}\n`);
    const answering = Object.entries(ANSWERS).map(([name, answer]) => [
      name,
      () => {
        this.#answer = answer;
        return moment();
      },
    ]);
    return {
      ...Object.fromEntries(answering),
      cut: () => this.#proxy.cut(),
      refused: async () => {
        await this.#proxy.refuse();
        await moment();
      },
      stalled: () => {
        this.#proxy.stall();
        return moment();
      },
      delayed: () => {
        this.#proxy.delay(this.#random() * 100);
        return moment();
      },
      truncated: () => {
        this.#proxy.truncateAfter(Math.floor(this.#random() * 50_000));
        return moment();
      },
      compacted: () => this.#store.compact(),
      'watches ended': () => this.#store.endWatches(),
      'ERROR event': line('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}'),
      'bad line': line('{"type":"ADD'),
      bookmark: () => this.#store.bookmark(),
    };
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Returns the same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
