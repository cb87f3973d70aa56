// A process of its own: as many waiters as it is told of Jobs, on Proctor's shared watch and nothing else. Says how much heap they take,
// and when each returned. Runs with --expose-gc.

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../src/cluster/clusters.ts';
import { kubeConfigSource } from '../src/cluster/credentials/kubeconfig.ts';
import type { JobView } from '../src/cluster/watch/job-watch.ts';
import { terminalCondition } from '../src/kubernetes/job.ts';
import type { Times } from './call-counts.ts';
import { usedHeapBytes } from './heap.ts';

export interface ProbeInput {
  kubeconfig: string;
  namespace: string;
  selector: string;
  jobs: string[];
  /** How many of them will end. */
  ending: number;
}

export type ProbeOutput = { heapBytes: number } | { returned: Times };

const SETTLE_MS = 500;

async function main({ kubeconfig, namespace, selector, jobs, ending }: ProbeInput): Promise<void> {
  const cluster = connect('local', kubeConfigSource('local', { kubeconfig }), { userAgent: 'proctor-bench', selector });
  const never = new AbortController().signal;
  // What the first use of the code itself leaves behind is no Job's.
  const first = await cluster.jobs('default').open('none', never);
  const before = await settledHeapBytes();
  const views = await Promise.all(jobs.map((job) => cluster.jobs(namespace).open(job, never)));
  const returned: Times = [];
  const allReturned = Promise.withResolvers<void>();
  for (const [index, view] of views.entries())
    ended(view, never).then(() => {
      returned.push([jobs[index] ?? '', String(process.hrtime.bigint())]);
      if (returned.length === ending) allReturned.resolve();
    }, allReturned.reject);
  say({ heapBytes: (await settledHeapBytes()) - before });
  await allReturned.promise;
  say({ returned });
  for (const view of [first, ...views]) view.close();
  await cluster.close();
}

async function ended(view: JobView, signal: AbortSignal): Promise<void> {
  while (view.job === undefined || terminalCondition(view.job) === undefined) await view.changed(signal);
}

async function settledHeapBytes(): Promise<number> {
  await delay(SETTLE_MS);
  return usedHeapBytes();
}

function say(output: ProbeOutput): void {
  process.send?.(output);
}

// Without the benchmark nobody wants the answer.
process.on('disconnect', () => process.exit());
process.once('message', async (input: ProbeInput) => {
  await main(input);
  process.disconnect();
});
