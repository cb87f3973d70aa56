import type { KubernetesObject } from '../../kubernetes/types.ts';
import type { ClusterApi } from '../api.ts';
import { isKind } from '../cluster-error.ts';
import type { Resource } from '../resources.ts';
import { ResourceWatch, type WatchHandlers } from './resource-watch.ts';
import type { WatchTiming } from './watch-state.ts';

interface SharedWatchOptions<T> {
  resource: Resource;
  labelSelector: string;
  /** Reduces each object to the fields that are kept. */
  trim: (object: T) => T;
  timing: Partial<WatchTiming>;
}

interface Subscriber<T extends KubernetesObject> {
  namespace: string;
  handlers: WatchHandlers<T>;
  /** The watch of this subscriber's namespace alone, if it has one. */
  namespaceWatch: ResourceWatch<T> | undefined;
}

interface ClusterWatch<T extends KubernetesObject> {
  watch: ResourceWatch<T>;
  /** All objects by UID, for later subscribers; undefined before the first list. */
  objects: Map<string, T> | undefined;
}

/**
 * Watches one resource of a cluster in all namespaces that have subscribers. A watch occupies a connection, so there
 * are as few as possible:
 * - One subscribed namespace has a watch of its own.
 * - From the second namespace on, one watch of the whole cluster serves all, until the last subscriber leaves.
 * - If the worker may not watch the whole cluster, each namespace has a watch and a connection of its own.
 */
export class SharedWatch<T extends KubernetesObject> {
  readonly #api: ClusterApi;
  readonly #options: SharedWatchOptions<T>;
  readonly #subscribers = new Set<Subscriber<T>>();
  #clusterWatch: ClusterWatch<T> | undefined;
  #clusterWatchForbidden = false;

  constructor(api: ClusterApi, options: SharedWatchOptions<T>) {
    this.#api = api;
    this.#options = options;
  }

  /** @returns a function that ends the subscription; none of the handlers is called after it. */
  subscribe(namespace: string, handlers: WatchHandlers<T>): () => void {
    const subscriber: Subscriber<T> = { namespace, handlers, namespaceWatch: undefined };
    this.#subscribers.add(subscriber);
    if (this.#clusterWatch !== undefined) this.#joinClusterWatch(subscriber);
    else if (this.#clusterWatchForbidden || this.#hasOneNamespace()) this.#startNamespaceWatch(subscriber);
    else this.#startClusterWatch();
    return () => this.#unsubscribe(subscriber);
  }

  #hasOneNamespace(): boolean {
    return new Set([...this.#subscribers].map(({ namespace }) => namespace)).size === 1;
  }

  #startNamespaceWatch(subscriber: Subscriber<T>): void {
    subscriber.namespaceWatch = this.#start(subscriber.namespace, subscriber.handlers);
  }

  /** Gives a late subscriber the known objects, but only after its call of {@link subscribe} has returned. */
  #joinClusterWatch(subscriber: Subscriber<T>): void {
    queueMicrotask(() => {
      const objects = this.#clusterWatch?.objects;
      if (objects !== undefined && this.#subscribers.has(subscriber)) deliverList(subscriber, objects.values());
    });
  }

  /** Stops the namespace watches first, so that the cluster's list is not older than what they delivered. */
  #startClusterWatch(): void {
    for (const subscriber of this.#subscribers) stopNamespaceWatch(subscriber);
    const clusterWatch: ClusterWatch<T> = {
      objects: undefined,
      watch: this.#start(undefined, {
        listed: (items) => {
          clusterWatch.objects = new Map(items.map((item) => [uidOf(item), item]));
          for (const subscriber of this.#subscribers) deliverList(subscriber, items);
        },
        changed: (object) => {
          clusterWatch.objects?.set(uidOf(object), object);
          for (const { handlers } of this.#subscribersOf(object)) handlers.changed(object);
        },
        deleted: (object) => {
          clusterWatch.objects?.delete(uidOf(object));
          for (const { handlers } of this.#subscribersOf(object)) handlers.deleted(object);
        },
        connected: () => {
          for (const { handlers } of this.#subscribers) handlers.connected?.();
        },
        failed: (error) => {
          if (isKind(error, 'forbidden')) this.#fallBackToNamespaceWatches();
          else for (const { handlers } of this.#subscribers) handlers.failed?.(error);
        },
      }),
    };
    this.#clusterWatch = clusterWatch;
  }

  #fallBackToNamespaceWatches(): void {
    this.#clusterWatchForbidden = true;
    this.#stopClusterWatch();
    for (const subscriber of this.#subscribers) this.#startNamespaceWatch(subscriber);
  }

  #unsubscribe(subscriber: Subscriber<T>): void {
    stopNamespaceWatch(subscriber);
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0) return;
    this.#stopClusterWatch();
    // The worker's role may allow more by the time of the next subscription.
    this.#clusterWatchForbidden = false;
  }

  #stopClusterWatch(): void {
    this.#clusterWatch?.watch.stop();
    this.#clusterWatch = undefined;
  }

  #subscribersOf({ metadata }: T): Subscriber<T>[] {
    return [...this.#subscribers].filter(({ namespace }) => namespace === metadata.namespace);
  }

  #start(namespace: string | undefined, handlers: WatchHandlers<T>): ResourceWatch<T> {
    const { resource, labelSelector, trim, timing } = this.#options;
    const scope = { resource, namespace, labelSelector };
    return new ResourceWatch<T>(this.#api, scope, handlers, { ownConnection: true, trim, timing });
  }
}

function stopNamespaceWatch<T extends KubernetesObject>(subscriber: Subscriber<T>): void {
  subscriber.namespaceWatch?.stop();
  subscriber.namespaceWatch = undefined;
}

function deliverList<T extends KubernetesObject>({ namespace, handlers }: Subscriber<T>, objects: Iterable<T>): void {
  handlers.listed([...objects].filter(({ metadata }) => metadata.namespace === namespace));
}

function uidOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? '';
}
