import { fork } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../dev/poll.ts';
import { JOBS, resourcePath } from '../src/cluster/resources.ts';
import { installationSelector } from '../src/run/marks.ts';
import type { Times } from './call-counts.ts';
import { FakePods } from './fake-pods.ts';
import { RunSetup } from './run-setup.ts';
import type { ScaleBench } from './scale-bench.ts';
import { validators } from './validators.ts';
import { type Wakeups, wakeups } from './wakeups.ts';
import type { ProbeInput, ProbeOutput } from './watch-probe.ts';

export interface WaiterFigures extends Wakeups {
  waiting: number;
  heapBytesPerWaitingJob: number;
  endedPerSecond: number;
  /** For each Job that ended. */
  bytesWatchedPerJob: number;
}

/** How many of the waiting Jobs end, at most: enough for percentiles, while five thousand would take minutes. */
const MAX_ENDED = 1_000;

/** Measures the heap and the wake-ups of waiters on the shared watch, in a separate process without Temporal. */
export async function measureWaiters(bench: ScaleBench, count: number, perSecond: number): Promise<WaiterFigures> {
  const { direct, benchNamespace, proxy } = bench;
  const namespace = `bench-${count}`;
  const setup = await RunSetup.create(direct, benchNamespace.installation, RunSetup.newRunId(), namespace);
  const pods = new FakePods(bench, namespace);
  const ending = Math.min(count, MAX_ENDED);
  try {
    const jobs = await makeJobs(bench, setup, count);
    await until(`${count} pods run`, () => pods.running === count, 900);
    await proxy.reset();
    const selector = installationSelector(benchNamespace.installation);
    const probe = startProbe({ kubeconfig: proxy.kubeconfig, namespace, selector, jobs, ending });
    const heapBytes = await probe.waiting;
    const endedPerSecond = await pods.end(ending, perSecond);
    const returned = await probe.returned;
    const { counts, ends } = await proxy.report();
    return {
      waiting: count,
      heapBytesPerWaitingJob: Math.round(heapBytes / count),
      ...wakeups(ends, returned),
      endedPerSecond,
      bytesWatchedPerJob: Math.round(counts.watchedBytes / ending),
    };
  } finally {
    await pods.close();
  }
}

async function makeJobs({ bulk }: ScaleBench, setup: RunSetup, count: number): Promise<string[]> {
  const jobs = validators(count, 'example.com/validator:1', 'exit 0').map((entry) => setup.jobOf(entry));
  const path = resourcePath(JOBS, setup.run.namespace, undefined);
  await Promise.all(jobs.map((job) => bulk.send('POST', path, 'application/json', job)));
  return jobs.map(({ metadata }) => metadata.name ?? '');
}

function startProbe(input: ProbeInput): { waiting: Promise<number>; returned: Promise<Times> } {
  const child = fork(join(import.meta.dirname, 'watch-probe.ts'), { execArgv: ['--expose-gc'] });
  const waiting = Promise.withResolvers<number>();
  const returned = Promise.withResolvers<Times>();
  // If `waiting` rejects, no code awaits `returned`.
  returned.promise.catch(() => undefined);
  child.on('message', (output: ProbeOutput) => {
    if ('heapBytes' in output) waiting.resolve(output.heapBytes);
    else returned.resolve(output.returned);
  });
  child.once('exit', (code) => {
    const error = new Error(`the probe ended with exit code ${code}`);
    waiting.reject(error);
    returned.reject(error);
  });
  child.send(input);
  return { waiting: waiting.promise, returned: returned.promise };
}
