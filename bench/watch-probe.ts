// A process that does nothing but wait on Proctor's shared watch, with one waiter for each Job of its input. It reports
// how much heap the waiters use, and when each returns. Node needs the flag --expose-gc.
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../src/cluster/clusters.ts';
import { kubeConfigSource } from '../src/cluster/credentials/kubeconfig.ts';
import type { Times } from './call-counts.ts';
import { usedHeapBytes } from './heap.ts';
import { hasEnded, viewUntil } from './view-until.ts';

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
  // Opened first, because the first use of the code allocates memory that belongs to no Job.
  const first = await cluster.jobs('default').open('none', never);
  const before = await settledHeapBytes();
  const views = await Promise.all(jobs.map((job) => cluster.jobs(namespace).open(job, never)));
  const returned: Times = [];
  const allReturned = Promise.withResolvers<void>();
  for (const [index, view] of views.entries()) {
    viewUntil(view, hasEnded, never).then(() => {
      returned.push([jobs[index] ?? '', String(process.hrtime.bigint())]);
      if (returned.length === ending) allReturned.resolve();
    }, allReturned.reject);
  }
  send({ heapBytes: (await settledHeapBytes()) - before });
  await allReturned.promise;
  send({ returned });
  for (const view of [first, ...views]) view.close();
  await cluster.close();
}

async function settledHeapBytes(): Promise<number> {
  await delay(SETTLE_MS);
  return usedHeapBytes();
}

function send(output: ProbeOutput): void {
  process.send?.(output);
}

// If the benchmark ends, its probe ends too.
process.on('disconnect', () => process.exit());
process.once('message', async (input: ProbeInput) => {
  await main(input);
  process.disconnect();
});
