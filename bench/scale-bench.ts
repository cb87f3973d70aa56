import type { ScaleStack } from '../dev/scale-stack.ts';
import type { Cluster } from '../src/cluster/clusters.ts';
import type { BenchNamespace } from './bench-namespace.ts';
import type { BulkClient } from './bulk-client.ts';
import type { CountingProxy } from './counting-proxy.ts';

/** What the parts of `bench:cluster` work with. */
export interface ScaleBench {
  stack: ScaleStack;
  benchNamespace: BenchNamespace;
  /** The benchmark's own way to the API server, past the proxy: what it does is not counted. */
  direct: Cluster;
  /** The same for thousands of calls. */
  bulk: BulkClient;
  proxy: CountingProxy;
}
