import type { KubernetesObject } from '../kubernetes/types.ts';
import type { ClusterTarget } from '../run/scope.ts';
import { untilAborted } from './abortable.ts';
import { ClusterApi } from './api.ts';
import { ClusterError } from './cluster-error.ts';
import type { KubeConfigSource } from './credentials/kubeconfig.ts';
import { Nodes } from './nodes.ts';
import { NAMESPACES } from './resources.ts';
import { Connection, type ConnectionOptions } from './transport/connection.ts';
import type { JobSources } from './watch/job-session.ts';
import { JobWatch, type JobWatchTiming, jobSources } from './watch/job-watch.ts';

interface ClusterOptions {
  /** Label selector of the Jobs and pods that are Proctor's. */
  selector: string;
  /** Namespace of runs whose request names none. */
  namespace?: string | undefined;
  watchTiming?: Partial<JobWatchTiming>;
}

/** A cluster that this worker serves. */
export class Cluster {
  readonly name: string;
  readonly api: ClusterApi;
  readonly nodes: Nodes;
  /** Namespace of runs whose request names none, if the worker's configuration sets it. */
  readonly namespace: string | undefined;
  readonly #watches = new Map<string, JobWatch>();
  readonly #sources: JobSources;
  readonly #watchTiming: Partial<JobWatchTiming>;
  #identity: { routeChanges: number; outages: number; uid: Promise<string> } | undefined;

  constructor(name: string, api: ClusterApi, { selector, namespace, watchTiming = {} }: ClusterOptions) {
    this.name = name;
    this.api = api;
    this.nodes = new Nodes(api);
    this.namespace = namespace;
    this.#sources = jobSources(api, selector, watchTiming);
    this.#watchTiming = watchTiming;
  }

  /**
   * The cluster's identity: the UID of its kube-system namespace, which no other cluster can have. It is read once, and
   * again after the cluster's route has changed or an outage has ended, since the address may then lead to another
   * cluster.
   */
  async uid(signal?: AbortSignal): Promise<string> {
    const { routeChanges, outages } = this.api.connection;
    if (this.#identity?.routeChanges !== routeChanges || this.#identity.outages !== outages) {
      const identity = { routeChanges, outages, uid: this.#readUid() };
      this.#identity = identity;
      identity.uid.then(
        () => {
          // This answer may have been the first after an outage, so that it ended the outage.
          identity.outages = this.api.connection.outages;
        },
        () => {
          if (this.#identity === identity) this.#identity = undefined;
        },
      );
    }
    return untilAborted(this.#identity.uid, signal);
  }

  async #readUid(): Promise<string> {
    const namespace = await this.api.get<KubernetesObject>({ resource: NAMESPACES, name: 'kube-system' });
    return namespace.metadata.uid ?? '';
  }

  /** The watch of a namespace's Jobs, shared by all waiters there. */
  jobs(namespace: string): JobWatch {
    let watch = this.#watches.get(namespace);
    if (watch === undefined) {
      watch = new JobWatch(this.#sources, namespace, this.#watchTiming);
      this.#watches.set(namespace, watch);
    }
    return watch;
  }

  async close(): Promise<void> {
    for (const watch of this.#watches.values()) watch.stop();
    await this.api.connection.close();
  }
}

/** The clusters that this worker serves, by the name that requests use. */
export class Clusters {
  readonly #clusters: ReadonlyMap<string, Cluster>;

  constructor(clusters: Cluster[]) {
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  }

  get names(): string[] {
    return [...this.#clusters.keys()];
  }

  get(name: string): Cluster {
    const cluster = this.#clusters.get(name);
    if (cluster !== undefined) return cluster;
    const detail = `this worker serves ${this.names.join(', ') || 'no cluster'}`;
    throw new ClusterError('configuration', name, { verb: 'reach', resource: 'the cluster' }, detail);
  }

  /**
   * The cluster on which a run began.
   * @throws ClusterError if its name now leads to another cluster (an edited kubeconfig, a recreated cluster).
   */
  async pinned({ name, uid }: ClusterTarget, signal?: AbortSignal): Promise<Cluster> {
    const cluster = this.get(name);
    const found = await cluster.uid(signal);
    if (found === uid) return cluster;
    const detail = `this is not the cluster on which the run began: its kube-system namespace has UID ${found}, not ${uid}`;
    throw new ClusterError('configuration', name, { verb: 'act', resource: 'on the cluster' }, detail);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clusters.values()].map((cluster) => cluster.close()));
  }
}

export type ConnectOptions = ConnectionOptions & ClusterOptions;

export function connect(name: string, source: KubeConfigSource, options: ConnectOptions): Cluster {
  return new Cluster(name, new ClusterApi(new Connection(name, source, options)), options);
}
