import type { ScaleStack } from '../dev/scale-stack.ts';
import type { Cluster } from '../src/cluster/clusters.ts';
import type { Bulk } from './bulk-client.ts';
import type { CountingProxy } from './counting-proxy.ts';
import type { Site } from './bench-namespace.ts';

/** What the parts of `bench:cluster` work with. */
export interface ScaleBench {
  stack: ScaleStack;
  site: Site;
  /** The benchmark's own way to the API server, past the proxy: what it does is not counted. */
  direct: Cluster;
  /** The same for thousands of calls. */
  bulk: Bulk;
  proxy: CountingProxy;
}
