import type { KubernetesObject } from '../../kubernetes/types.ts';
import type { ClusterApi } from '../api.ts';
import { isKind } from '../cluster-error.ts';
import type { Resource } from '../resources.ts';
import { ResourceWatch, type WatchHandlers } from './resource-watch.ts';
import type { WatchTiming } from './watch-state.ts';

/** What of a resource is watched, and what is kept of each object. */
interface SharedWatchOptions<T> {
  resource: Resource;
  labelSelector: string;
  trim: (object: T) => T;
  timing: Partial<WatchTiming>;
}

interface Follower<T extends KubernetesObject> {
  namespace: string;
  handlers: WatchHandlers<T>;
  /** Its watch of its namespace alone, where it has one. */
  own: ResourceWatch<T> | undefined;
}

interface Wide<T extends KubernetesObject> {
  watch: ResourceWatch<T>;
  /** What is there, by UID, for followers that come later; undefined before the first list. */
  objects: Map<string, T> | undefined;
}

/**
 * One resource of a cluster, in whichever namespaces are followed. A watch takes a connection for itself, so one namespace is watched alone,
 * and as soon as there are two, the whole cluster is, by one watch for all of them, until nobody follows any more. Where the worker may not
 * do that, each namespace has its own watch, and its own connection.
 */
export class SharedWatch<T extends KubernetesObject> {
  readonly #api: ClusterApi;
  readonly #options: SharedWatchOptions<T>;
  readonly #followers = new Set<Follower<T>>();
  #wide: Wide<T> | undefined;
  /** The worker may not watch the whole cluster. */
  #refused = false;

  constructor(api: ClusterApi, options: SharedWatchOptions<T>) {
    this.#api = api;
    this.#options = options;
  }

  /** @returns what ends it: from there on none of the handlers is called. */
  follow(namespace: string, handlers: WatchHandlers<T>): () => void {
    const follower: Follower<T> = { namespace, handlers, own: undefined };
    this.#followers.add(follower);
    if (this.#wide !== undefined) this.#joinWide(follower);
    else if (this.#refused || this.#isOneNamespace()) this.#watchAlone(follower);
    else this.#widen();
    return () => this.#leave(follower);
  }

  #isOneNamespace(): boolean {
    return new Set([...this.#followers].map(({ namespace }) => namespace)).size === 1;
  }

  #watchAlone(follower: Follower<T>): void {
    follower.own = this.#start(follower.namespace, follower.handlers);
  }

  /** Before the first list there is nothing to tell yet; after it, not from within the call of whoever has just come. */
  #joinWide(follower: Follower<T>): void {
    queueMicrotask(() => {
      const objects = this.#wide?.objects;
      if (objects !== undefined && this.#followers.has(follower)) tellAll(follower, objects.values());
    });
  }

  /** The narrow watches end before the wide one lists: what it lists is then nowhere older than what they have told. */
  #widen(): void {
    for (const follower of this.#followers) stopAlone(follower);
    const wide: Wide<T> = {
      objects: undefined,
      watch: this.#start(undefined, {
        listed: (items) => {
          wide.objects = new Map(items.map((item) => [uidOf(item), item]));
          for (const follower of this.#followers) tellAll(follower, items);
        },
        changed: (object) => {
          wide.objects?.set(uidOf(object), object);
          for (const { handlers } of this.#of(object)) handlers.changed(object);
        },
        deleted: (object) => {
          wide.objects?.delete(uidOf(object));
          for (const { handlers } of this.#of(object)) handlers.deleted(object);
        },
        working: () => {
          for (const { handlers } of this.#followers) handlers.working?.();
        },
        failed: (error) => {
          if (isKind(error, 'forbidden')) this.#narrow();
          else for (const { handlers } of this.#followers) handlers.failed?.(error);
        },
      }),
    };
    this.#wide = wide;
  }

  #narrow(): void {
    this.#refused = true;
    this.#wide?.watch.stop();
    this.#wide = undefined;
    for (const follower of this.#followers) this.#watchAlone(follower);
  }

  #leave(follower: Follower<T>): void {
    stopAlone(follower);
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#wide?.watch.stop();
    this.#wide = undefined;
    // A role that has been widened since is found out by whoever comes next.
    this.#refused = false;
  }

  #of({ metadata }: T): Follower<T>[] {
    return [...this.#followers].filter(({ namespace }) => namespace === metadata.namespace);
  }

  #start(namespace: string | undefined, handlers: WatchHandlers<T>): ResourceWatch<T> {
    const { resource, labelSelector, trim, timing } = this.#options;
    const scope = { resource, namespace, labelSelector };
    return new ResourceWatch<T>(this.#api, scope, handlers, { ownConnection: true, trim, timing });
  }
}

function stopAlone<T extends KubernetesObject>(follower: Follower<T>): void {
  follower.own?.stop();
  follower.own = undefined;
}

function tellAll<T extends KubernetesObject>({ namespace, handlers }: Follower<T>, objects: Iterable<T>): void {
  handlers.listed([...objects].filter(({ metadata }) => metadata.namespace === namespace));
}

function uidOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? '';
}
