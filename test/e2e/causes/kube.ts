import { KubeConfig } from '@kubernetes/client-node';
import { Agent, fetch } from 'undici';

interface Meta {
  name: string;
  namespace: string;
  uid: string;
  creationTimestamp: string;
  labels?: Record<string, string>;
  deletionTimestamp?: string;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; finishedAt: string; reason?: string };
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  lastTransitionTime: string;
}

export interface Pod {
  metadata: Meta;
  spec: { nodeName?: string };
  status: {
    phase: string;
    conditions?: Condition[];
    containerStatuses?: { name: string; containerID?: string; state: ContainerState }[];
    initContainerStatuses?: { name: string; state: ContainerState }[];
  };
}

export interface Job {
  metadata: Meta;
  spec: { suspend?: boolean };
  status?: { active?: number; conditions?: Condition[] };
}

export interface KubeEvent {
  reason: string;
  message: string;
  firstTimestamp: string | null;
  eventTime: string | null;
  involvedObject: { kind: string; name: string };
}

const MERGE_PATCH = 'application/merge-patch+json';

/**
 * A Kubernetes client for the tests. It uses none of Proctor's code, and unlike kubectl it needs no process for each of
 * the thousands of calls.
 */
export class Kube {
  readonly #server: string;
  readonly #dispatcher: Agent;

  constructor(kubeconfig: string) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const cluster = config.getCurrentCluster();
    const user = config.getCurrentUser();
    if (cluster === null || user === null) throw new Error('the kubeconfig has no current context');
    const pem = (data: string | undefined) => (data === undefined ? {} : { data: Buffer.from(data, 'base64') });
    this.#server = cluster.server;
    this.#dispatcher = new Agent({
      connect: {
        ca: pem(cluster.caData).data,
        cert: pem(user.certData).data,
        key: pem(user.keyData).data,
      },
    });
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  async list<T>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  create(path: string, object: unknown): Promise<unknown> {
    return this.#call('POST', path, object);
  }

  patch(path: string, change: unknown): Promise<unknown> {
    return this.#call('PATCH', path, change, MERGE_PATCH);
  }

  delete(path: string, options: unknown = {}): Promise<unknown> {
    return this.#call('DELETE', path, options);
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #call<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const response = await fetch(this.#server + path, {
      method,
      dispatcher: this.#dispatcher,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }
}
