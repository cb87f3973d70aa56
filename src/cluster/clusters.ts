import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesObject } from '../contract/kubernetes.ts';
import type { ClusterTarget } from '../contract/run.ts';
import { ClusterApi } from './api.ts';
import { Connection } from './connection.ts';
import { ClusterError } from './error.ts';
import { JobWatch } from './job-watch.ts';
import { NAMESPACES } from './resources.ts';

/** A cluster this worker serves. */
export class Cluster {
  readonly name: string;
  readonly api: ClusterApi;
  readonly #watches = new Map<string, JobWatch>();
  readonly #selector: string;
  #uid: string | undefined;

  /** @param selector label selector of the Jobs and pods that are Proctor's. */
  constructor(name: string, api: ClusterApi, selector: string) {
    this.name = name;
    this.api = api;
    this.#selector = selector;
  }

  /** The cluster's identity: the UID of its kube-system namespace, which nobody can give to another cluster. */
  async uid(signal?: AbortSignal): Promise<string> {
    if (this.#uid === undefined) {
      const namespace = await this.api.get<KubernetesObject>({ resource: NAMESPACES, name: 'kube-system' }, signal);
      this.#uid = namespace.metadata.uid ?? '';
    }
    return this.#uid;
  }

  jobs(namespace: string): JobWatch {
    let watch = this.#watches.get(namespace);
    if (watch === undefined) {
      watch = new JobWatch(this.api, namespace, this.#selector);
      this.#watches.set(namespace, watch);
    }
    return watch;
  }
}

/** The clusters this worker serves, by the name that requests give. */
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

  /** The cluster a run was begun on; refuses another one that has since taken its name (a kubeconfig that was edited, a cluster made anew). */
  async pinned({ name, uid }: ClusterTarget, signal?: AbortSignal): Promise<Cluster> {
    const cluster = this.get(name);
    const found = await cluster.uid(signal);
    if (found === uid) return cluster;
    const detail = `this is not the cluster the run began on: its kube-system namespace has UID ${found}, not ${uid}`;
    throw new ClusterError('configuration', name, { verb: 'act', resource: 'on the cluster' }, detail);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clusters.values()].map((cluster) => cluster.api.connection.close()));
  }
}

/**
 * A KubeConfig by the standard rules: KUBECONFIG, then ~/.kube/config, then the pod's own ServiceAccount.
 * @throws ClusterError (`configuration`) when none of them is there, or the context is not in it.
 */
export function loadKubeConfig(cluster: string, context?: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  const call = { verb: 'read', resource: 'the kubeconfig' };
  try {
    kubeConfig.loadFromDefault();
  } catch (error) {
    throw new ClusterError('configuration', cluster, call, error instanceof Error ? error.message : String(error));
  }
  if (context !== undefined) {
    if (kubeConfig.getContextObject(context) === null) {
      const known = kubeConfig.getContexts().map(({ name }) => name);
      throw new ClusterError(
        'configuration',
        cluster,
        call,
        `it has no context ${context}; it has ${known.join(', ') || 'none'}`,
      );
    }
    kubeConfig.setCurrentContext(context);
  }
  return kubeConfig;
}

export function connect(
  name: string,
  kubeConfig: KubeConfig,
  options: { userAgent: string; selector: string },
): Cluster {
  return new Cluster(name, new ClusterApi(new Connection(name, kubeConfig, options.userAgent)), options.selector);
}
