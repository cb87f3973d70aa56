import { join } from 'node:path';
import { WorkerProcess } from '../dev/worker-process.ts';
import { type BenchNamespace, createBenchNamespace } from './bench-namespace.ts';
import { total } from './call-counts.ts';
import { CountingProxy } from './counting-proxy.ts';
import { round } from './figures.ts';
import { requestOf, validators } from './validators.ts';
import { withStack } from './with-stack.ts';

/** API calls on validators' own objects, and calls of the run, whose number does not depend on the validators'. */
export interface CallFigures {
  validators: number;
  /** By verb and resource. */
  perValidator: Record<string, number>;
  totalPerValidator: number;
  /** By verb and resource, the lists of the shared watches included. */
  perRun: Record<string, number>;
  /** Watches of the run, by verb and resource. */
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
    const callsOf = (scope: string, divisor: number) =>
      Object.fromEntries(
        Object.entries(counts.calls)
          .filter(([call]) => call.startsWith(scope))
          .map(([call, times]) => [call.slice(scope.length), round(times / divisor)]),
      );
    return {
      validators: count,
      perValidator: callsOf('validator: ', count),
      totalPerValidator: round(total(counts.calls, 'validator: ') / count),
      perRun: callsOf('run: ', 1),
      watches: counts.watches,
      bytesWatchedPerValidator: Math.round(counts.watchedBytes / count),
      tls: tlsFigures(counts),
    };
  } finally {
    await worker.stop();
  }
}

/**
 * Counts the API calls of a whole run of trivial validators in parallel, made by a worker as a user starts it. This
 * stack has a kubelet, so calls that are made while a pod is starting count too.
 */
export function measureCalls(stackName: string, count: number): Promise<CallFigures> {
  return withStack(stackName, async ({ temporal, cluster, stateDir, image }) => {
    if (cluster.kind !== 'native')
      throw new Error('this benchmark needs a native cluster, for the keys of its API server');
    const [serverCert, serverKey] = ['server.crt', 'server.key'].map((file) => join(stateDir, 'pki', file));
    const proxy = await CountingProxy.inFrontOf({
      ...cluster,
      serverCert: serverCert ?? '',
      serverKey: serverKey ?? '',
    });
    const benchNamespace = await createBenchNamespace(temporal, 'bench-calls');
    try {
      return await callsOfRun({ benchNamespace, proxy, image }, count);
    } finally {
      await proxy.stop();
      await benchNamespace.close();
    }
  });
}

export function tlsFigures(counts: { calls: Record<string, number>; opened: number; mostOpen: number }): TlsFigures {
  const calls = total(counts.calls);
  const { opened, mostOpen } = counts;
  return { calls, opened, openedPer1000Calls: round((opened * 1000) / calls), mostOpen };
}
