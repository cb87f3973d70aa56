import { readFileSync } from 'node:fs';
import { until } from '../dev/poll.ts';
import { WorkerProcess } from '../dev/worker-process.ts';
import { DEFAULT_NAMESPACE } from '../src/aicr/constants.ts';
import { total } from './call-counts.ts';
import { type TlsFigures, tlsFigures } from './cluster-calls.ts';
import { FakePods } from './fake-pods.ts';
import { round, timed } from './figures.ts';
import type { ScaleBench } from './scale-bench.ts';
import type { WaitReport } from './scale-worker.ts';
import { requestOf, validators } from './validators.ts';
import { type Wakeups, wakeups } from './wakeups.ts';

export interface TemporalFigures extends Wakeups {
  waiting: number;
  startedInS: number;
  endedPerSecond: number;
  /** From the end of the first Job to the result of the last run. */
  doneInS: number;
  callsPerValidator: number;
  tls: TlsFigures;
  workerRssMiB: number;
  workerRssPerJobKiB: number;
}

/** The largest `parallelism` that a request may have. */
const MAX_PER_RUN = 100;

/** Measures whole runs through Temporal while all of their validators wait at once in one worker. */
export async function measureTemporal(bench: ScaleBench, count: number, perSecond: number): Promise<TemporalFigures> {
  const { benchNamespace, proxy } = bench;
  await proxy.reset();
  const waiting = new Set<string>();
  const returned: [string, string][] = [];
  const worker = await WorkerProcess.start(
    { ...benchNamespace.env, KUBECONFIG: proxy.kubeconfig },
    'bench/scale-worker.ts',
  );
  worker.onMessage((message) => {
    const report = message as WaitReport;
    if ('began' in report) waiting.add(report.began);
    else returned.push([report.returned, report.at]);
  });
  const pods = new FakePods(bench, DEFAULT_NAMESPACE);
  try {
    const idleRss = rssOf(worker.pid);
    const from = performance.now();
    const runs = await Promise.all(
      sizes(count).map((size) =>
        benchNamespace.proctor.start(requestOf(validators(size, 'example.com/validator:1', 'exit 0')), id()),
      ),
    );
    await until(`${count} validators wait`, () => waiting.size === count && pods.running === count, 900);
    const startedInS = round((performance.now() - from) / 1000, 1);
    const rss = rssOf(worker.pid);
    const ending = await timed(async () => {
      const endedPerSecond = await pods.end(count, perSecond);
      const results = await Promise.all(runs.map((run) => run.result()));
      const passed = results.reduce((sum, { counts }) => sum + counts.passed, 0);
      if (passed !== count) throw new Error(`${passed} of ${count} passed`);
      return endedPerSecond;
    });
    const { counts, ends } = await proxy.report();
    return {
      waiting: count,
      ...wakeups(ends, returned),
      startedInS,
      endedPerSecond: ending.value,
      doneInS: round(ending.ms / 1000, 1),
      callsPerValidator: round(total(counts.calls, 'validator: ') / count),
      tls: tlsFigures(counts),
      workerRssMiB: round(rss / 2 ** 20, 0),
      workerRssPerJobKiB: round((rss - idleRss) / count / 1024, 0),
    };
  } finally {
    await worker.stop();
    await pods.close();
  }
}

function sizes(count: number): number[] {
  return Array.from({ length: Math.ceil(count / MAX_PER_RUN) }, (_, run) =>
    Math.min(MAX_PER_RUN, count - run * MAX_PER_RUN),
  );
}

function id() {
  return { workflowId: `bench-${crypto.randomUUID()}` };
}

/** Resident bytes of a process. Linux only, as is the stack. */
function rssOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
