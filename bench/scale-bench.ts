import type { ScaleStack } from '../dev/scale-stack.ts';
import type { Cluster } from '../src/cluster/clusters.ts';
import type { BenchNamespace } from './bench-namespace.ts';
import type { BulkClient } from './bulk-client.ts';
import type { CountingProxy } from './counting-proxy.ts';

/** What the measurements of `bench:cluster` share. */
export interface ScaleBench {
  stack: ScaleStack;
  benchNamespace: BenchNamespace;
  /** The benchmark's own client, which bypasses the proxy, so that its calls are not counted. */
  direct: Cluster;
  /** Bypasses the proxy too, for thousands of writes. */
  bulk: BulkClient;
  proxy: CountingProxy;
}
