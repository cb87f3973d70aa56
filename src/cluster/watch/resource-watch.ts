import type { KubernetesObject } from '../../kubernetes/types.ts';
import { messageOf } from '../../run/error-message.ts';
import { sleep } from '../abortable.ts';
import type { ClusterApi, ListPage } from '../api.ts';
import { ClusterError, isKind } from '../cluster-error.ts';
import { tell } from '../observer.ts';
import { type Resource, resourceName, resourcePath } from '../resources.ts';
import { BodyError, readLines } from '../transport/body.ts';
import { asStatus, kindOfAnswer, retryAfterMs } from '../transport/kubernetes-status.ts';
import {
  SHARED_TURN_SECONDS,
  WATCH_TIMING,
  type WatchReason,
  type WatchState,
  type WatchTiming,
} from './watch-state.ts';

export interface WatchScope {
  resource: Resource;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface WatchHandlers<T> {
  /** The whole of what is there, after a list: what the handler knew and is not in it is gone. */
  listed(items: T[]): void;
  changed(object: T): void;
  deleted(object: T): void;
  /** The API server answers (again). */
  working?(): void;
  /** A failure that the watch gets over by itself; for logs and for whoever waits. */
  failed?(error: unknown): void;
}

export interface WatchOptions<T> {
  /** Whether it has a connection of its own; else it takes turns with logs and other watches. @default false */
  ownConnection?: boolean;
  /** What is kept of each object, as soon as it is read: the whole of thousands is never held. */
  trim?: (object: T) => T;
  timing?: Partial<WatchTiming>;
}

interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

/** The stream cannot be trusted from here on. */
class BrokenStream extends Error {}

/**
 * Lists a resource, then watches it from there, for ever: resumes after a cut, lists again when its version has expired, backs off with
 * jitter while the API server is away. client-node's informer stops for good on a socket error, keys by name and cannot page.
 */
export class ResourceWatch<T extends KubernetesObject> {
  readonly #api: ClusterApi;
  readonly #scope: WatchScope;
  readonly #handlers: WatchHandlers<T>;
  readonly #ownConnection: boolean;
  readonly #trim: (object: T) => T;
  readonly #timing: WatchTiming;
  readonly #stop = new AbortController();
  #state: WatchState = 'waiting';
  #resourceVersion: string | undefined;
  #failures = 0;
  /** Resolves once it has stopped; never rejects. */
  readonly done: Promise<void>;

  constructor(api: ClusterApi, scope: WatchScope, handlers: WatchHandlers<T>, options: WatchOptions<T> = {}) {
    this.#api = api;
    this.#scope = scope;
    this.#handlers = handlers;
    this.#ownConnection = options.ownConnection ?? false;
    this.#trim = options.trim ?? ((object) => object);
    this.#timing = { ...WATCH_TIMING, ...options.timing };
    this.done = this.#run();
  }

  get state(): WatchState {
    return this.#state;
  }

  /** The version it would go on from. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** From here on no handler is called any more. */
  stop(): void {
    this.#stop.abort(new Error('watch stopped'));
  }

  async #run(): Promise<void> {
    let why: WatchReason = 'started';
    while (!this.#stopped) {
      try {
        if (this.#resourceVersion === undefined) {
          this.#move('listing', why);
          await this.#list();
          why = 'listed';
        }
        this.#move('connecting', why);
        why = await this.#watch();
      } catch (error) {
        why = await this.#recover(error);
      }
    }
    this.#move('stopped', 'stopped');
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #list(): Promise<void> {
    const items: T[] = [];
    let page = await this.#page(undefined);
    for (;;) {
      for (const item of page.items) items.push(this.#trim(item));
      if (page.next === undefined) break;
      try {
        page = await this.#page(page.next);
      } catch (error) {
        if (!isKind(error, 'expired')) throw error;
        // The list took longer than the server keeps a version: in one piece it cannot.
        items.length = 0;
        page = await this.#page(undefined, 0);
      }
    }
    if (this.#stopped) return;
    this.#handle(() => this.#handlers.listed(items));
    this.#resourceVersion = page.resourceVersion;
  }

  #page(next: string | undefined, limit?: number): Promise<ListPage<T>> {
    const { resource, ...selectors } = this.#scope;
    return this.#api.list<T>(
      resource,
      { ...selectors, continue: next, ...(limit === undefined ? {} : { limit }) },
      this.#stop.signal,
    );
  }

  /** Follows the changes until the stream ends. @returns why it is to be resumed. */
  async #watch(): Promise<WatchReason> {
    const from = performance.now();
    const body = await this.#open();
    if (this.#stopped) return 'stopped';
    this.#move('watching', 'connected');
    this.#handlers.working?.();
    try {
      for await (const line of readLines(body as AsyncIterable<Uint8Array>)) {
        if (this.#stopped) return 'stopped';
        this.#take(line);
      }
    } catch (error) {
      // Nothing to complain of: it is asked at once whether anybody is there.
      if (isSilence(error)) return 'silent';
      if (error instanceof ClusterError || error instanceof BrokenStream) throw error;
      if (error instanceof BodyError) throw new BrokenStream(error.message);
      throw this.#api.connection.streamError({ call: this.#call, signal: this.#stop.signal }, error);
    }
    // A server that closes each watch at once must not be asked again in a tight loop.
    if (performance.now() - from < this.#timing.shortMs) await this.#wait(undefined, 'closed');
    return 'closed';
  }

  #open() {
    const { resource, namespace, labelSelector, fieldSelector } = this.#scope;
    const seconds = this.#ownConnection ? this.#timing.serverTimeoutSeconds : SHARED_TURN_SECONDS;
    return this.#api.connection.stream({
      call: this.#call,
      method: 'GET',
      path: resourcePath(resource, namespace, undefined),
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.#resourceVersion,
        timeoutSeconds: String(seconds),
        labelSelector,
        fieldSelector,
      },
      silenceMs: this.#ownConnection ? this.#timing.silenceMs : SHARED_TURN_SECONDS * 2_000,
      lane: this.#ownConnection ? 'own' : 'patient',
      signal: this.#stop.signal,
    });
  }

  #take(line: string): void {
    const { type, object } = this.#parse(line);
    if (type === 'ERROR') throw this.#errorEvent(object);
    this.#failures = 0;
    if (type === 'DELETED') this.#handle(() => this.#handlers.deleted(this.#trim(object)));
    else if (type !== 'BOOKMARK') this.#handle(() => this.#handlers.changed(this.#trim(object)));
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  /** What a handler did not take is told again by the next list. */
  #handle(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw new BrokenStream(`what it told could not be taken: ${String(error)}`);
    }
  }

  #parse(line: string): WatchEvent<T> {
    let event: Partial<WatchEvent<T>> | null;
    try {
      event = JSON.parse(line) as Partial<WatchEvent<T>> | null;
    } catch {
      throw new BrokenStream('the watch sent a line that is not JSON');
    }
    if (event?.type === 'ERROR' || event?.object?.metadata !== undefined) return event as WatchEvent<T>;
    throw new BrokenStream('the watch sent a line that is no event');
  }

  #errorEvent(object: unknown): Error {
    const status = asStatus(object);
    const detail = status?.message ?? 'the watch ended with an error event';
    const kind = kindOfAnswer(status?.code ?? 500, status);
    if (kind !== 'expired') return new BrokenStream(detail);
    return new ClusterError(kind, this.#api.connection.cluster, this.#call, detail, {
      status,
      retryAfterMs: retryAfterMs(undefined, status),
    });
  }

  /** After a failure: say so, forget the place if it is lost, and wait. @returns why it goes on. */
  async #recover(error: unknown): Promise<WatchReason> {
    if (this.#stopped) return 'stopped';
    const reason = reasonOf(error);
    // Whatever a broken stream hid is found by listing again.
    if (reason !== 'failed') this.#resourceVersion = undefined;
    // An expired version is everyday life, not trouble.
    if (reason !== 'expired') tell(() => this.#handlers.failed?.(this.#readable(error)));
    await this.#wait(error, reason);
    return 'waited';
  }

  async #wait(error: unknown, reason: WatchReason): Promise<void> {
    this.#move('waiting', reason, error);
    const { backoffFirstMs, backoffMostMs, unreachableMostMs } = this.#timing;
    const most = isKind(error, 'unreachable', 'timeout') ? unreachableMostMs : backoffMostMs;
    const bound = Math.min(most, backoffFirstMs * 2 ** Math.min(this.#failures++, 20));
    const asked = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
    await sleep(asked + bound * (0.5 + Math.random() / 2), this.#stop.signal).catch(() => undefined);
  }

  /** Any failure in the words of the taxonomy. */
  #readable(error: unknown): unknown {
    if (error instanceof ClusterError) return error;
    const detail = messageOf(error);
    return new ClusterError('unexpected', this.#api.connection.cluster, this.#call, detail);
  }

  get #call() {
    return { verb: 'watch', resource: resourceName(this.#scope.resource), namespace: this.#scope.namespace };
  }

  #move(to: WatchState, reason: WatchReason, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    const { cluster, observer } = this.#api.connection;
    const { resource, namespace } = this.#call;
    tell(() =>
      observer.moved?.({ cluster, resource, namespace, from, to, reason, ...(error === undefined ? {} : { error }) }),
    );
  }
}

function isSilence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_BODY_TIMEOUT';
}

/** `expired` and `broken` lose the place to go on from: so does a version that the server does not take, or has not reached (a restored etcd). */
function reasonOf(error: unknown): WatchReason {
  if (error instanceof BrokenStream) return 'broken';
  if (!(error instanceof ClusterError)) return 'failed';
  const tooLarge = error.status?.details?.causes?.some(({ reason }) => reason === 'ResourceVersionTooLarge') === true;
  return tooLarge || error.kind === 'expired' || error.kind === 'invalid' ? 'expired' : 'failed';
}
