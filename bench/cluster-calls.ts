import { join } from 'node:path';
import { down, status, up } from '../dev/stack.ts';
import { WorkerProcess } from '../dev/worker-process.ts';
import { type BenchNamespace, createBenchNamespace } from './bench-namespace.ts';
import { total } from './call-counts.ts';
import { CountingProxy } from './counting-proxy.ts';
import { round } from './figures.ts';
import { requestOf, validators } from './validators.ts';

/** The calls of one validator's own objects, and of the run, which are the same for 24 validators and for one. */
export interface CallFigures {
  validators: number;
  /** Per validator, by verb and resource. */
  perValidator: Record<string, number>;
  totalPerValidator: number;
  /** Per run, by verb and resource; the shared watches and their lists are among them. */
  perRun: Record<string, number>;
  watches: Record<string, number>;
  bytesWatchedPerValidator: number;
  tls: TlsFigures;
}

export interface TlsFigures {
  calls: number;
  opened: number;
  openedPer1000Calls: number;
  mostOpen: number;
}

async function callsOfRun(
  { benchNamespace, proxy, image }: { benchNamespace: BenchNamespace; proxy: CountingProxy; image: string },
  count: number,
): Promise<CallFigures> {
  await proxy.reset();
  const worker = await WorkerProcess.start({ ...benchNamespace.env, KUBECONFIG: proxy.kubeconfig });
  try {
    const entries = validators(count, image, 'exit 0');
    const result = await (await benchNamespace.proctor.start(requestOf(entries))).result();
    if (result.counts.passed !== count) throw new Error(`not all passed: ${JSON.stringify(result.problems)}`);
    const { counts } = await proxy.report();
    const of = (scope: string, by: number) =>
      Object.fromEntries(
        Object.entries(counts.calls)
          .filter(([call]) => call.startsWith(scope))
          .map(([call, times]) => [call.slice(scope.length), round(times / by)]),
      );
    return {
      validators: count,
      perValidator: of('validator: ', count),
      totalPerValidator: round(total(counts.calls, 'validator: ') / count),
      perRun: of('run: ', 1),
      watches: counts.watches,
      bytesWatchedPerValidator: Math.round(counts.watchedBytes / count),
      tls: tlsFigures(counts),
    };
  } finally {
    await worker.stop();
  }
}

/**
 * A whole run of trivial validators in parallel, by a worker as a user starts it, on a cluster with a kubelet: its pods take their time, and
 * what is asked while one does not start counts too.
 */
export async function measureCalls(name: string, count: number, log: (line: string) => void): Promise<CallFigures> {
  const wasUp = (await status({ name })).up;
  const { temporal, cluster, stateDir, image } = await up({ name, log });
  try {
    if (cluster.kind !== 'native') throw new Error('calls are counted on a native cluster, whose keys are at hand');
    const [serverCert, serverKey] = ['server.crt', 'server.key'].map((file) => join(stateDir, 'pki', file));
    const proxy = await CountingProxy.before({ ...cluster, serverCert: serverCert ?? '', serverKey: serverKey ?? '' });
    const benchNamespace = await createBenchNamespace(temporal, 'bench-calls');
    try {
      return await callsOfRun({ benchNamespace, proxy, image }, count);
    } finally {
      await proxy.stop();
      await benchNamespace.close();
    }
  } finally {
    if (!wasUp) await down({ name, log });
  }
}

export function tlsFigures(counts: { calls: Record<string, number>; opened: number; mostOpen: number }): TlsFigures {
  const calls = total(counts.calls);
  const { opened, mostOpen } = counts;
  return { calls, opened, openedPer1000Calls: round((opened * 1000) / calls), mostOpen };
}
