import type { KubernetesObject } from '../../kubernetes/types.ts';
import { codeOf, messageOf } from '../../run/error-message.ts';
import { sleep } from '../abortable.ts';
import type { ClusterApi } from '../api.ts';
import { ClusterError, isKind } from '../cluster-error.ts';
import { notify } from '../observer.ts';
import { resourceName, resourcePath } from '../resources.ts';
import { BodyError, readLines } from '../transport/body.ts';
import { listAll, type WatchScope } from './list-all.ts';
import { BrokenStream, failureReason, parseWatchEvent } from './watch-event.ts';
import {
  SHARED_TURN_SECONDS,
  WATCH_TIMING,
  type WatchReason,
  type WatchState,
  type WatchTiming,
} from './watch-state.ts';

export interface WatchHandlers<T> {
  /** Receives all objects. An object that is known from before but missing here has been deleted. */
  listed(items: T[]): void;
  changed(object: T): void;
  deleted(object: T): void;
  /** The API server has accepted the watch, at first or after a failure. */
  connected?(): void;
  /** The watch failed. It retries without the handler's help. */
  failed?(error: unknown): void;
}

export interface WatchOptions<T> {
  /** Whether the watch has its own connection, or takes turns with logs and other watches. @default false */
  ownConnection?: boolean;
  /** Reduces each object to the fields that are kept, as soon as it has been read. */
  trim?: (object: T) => T;
  timing?: Partial<WatchTiming>;
}

/**
 * Lists a resource, then watches it indefinitely from the list's version. It resumes after the stream breaks, lists
 * again if its version has expired, and backs off with jitter while the API server is unreachable. client-node's
 * informer is not used: it stops after a socket error, identifies objects by name only and cannot read a list in pages.
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
  /** Resolves when the watch has stopped; never rejects. */
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

  /** The version from which the watch would resume; undefined if it would list again. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** Stops the watch. No handler is called after this. */
  stop(): void {
    this.#stop.abort(new Error('watch stopped'));
  }

  async #run(): Promise<void> {
    let reason: WatchReason = 'started';
    while (!this.#stopped) {
      try {
        if (this.#resourceVersion === undefined) {
          this.#enter('listing', reason);
          await this.#list();
          reason = 'listed';
        }
        this.#enter('connecting', reason);
        reason = await this.#watch();
      } catch (error) {
        reason = await this.#recover(error);
      }
    }
    this.#enter('stopped', 'stopped');
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #list(): Promise<void> {
    const { items, resourceVersion } = await listAll(this.#api, this.#scope, this.#trim, this.#stop.signal);
    if (this.#stopped) return;
    this.#handle(() => this.#handlers.listed(items));
    this.#resourceVersion = resourceVersion;
  }

  /** Receives changes until the stream ends. @returns why it ended. */
  async #watch(): Promise<WatchReason> {
    const startedAt = performance.now();
    const body = await this.#openStream();
    if (this.#stopped) return 'stopped';
    this.#enter('watching', 'connected');
    this.#handlers.connected?.();
    try {
      for await (const line of readLines(body as AsyncIterable<Uint8Array>)) {
        if (this.#stopped) return 'stopped';
        this.#receive(line);
      }
    } catch (error) {
      // Silence is not a failure yet: the watch reconnects at once, and fails then if the server is unreachable.
      if (isSilence(error)) return 'silent';
      if (error instanceof ClusterError || error instanceof BrokenStream) throw error;
      if (error instanceof BodyError) throw new BrokenStream(error.message);
      throw this.#api.connection.streamError({ call: this.#call, signal: this.#stop.signal }, error);
    }
    // Avoids a tight loop if the server closes every watch at once.
    if (performance.now() - startedAt < this.#timing.shortMs) await this.#backOff(undefined, 'closed');
    return 'closed';
  }

  #openStream() {
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
      lane: this.#ownConnection ? 'dedicated' : 'patient',
      signal: this.#stop.signal,
    });
  }

  #receive(line: string): void {
    const { type, object } = parseWatchEvent<T>(line, this.#api.connection.cluster, this.#call);
    this.#failures = 0;
    if (type === 'DELETED') this.#handle(() => this.#handlers.deleted(this.#trim(object)));
    else if (type !== 'BOOKMARK') this.#handle(() => this.#handlers.changed(this.#trim(object)));
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  /** Calls a handler. If it throws, the watch lists again, so that the handler receives the current state once more. */
  #handle(call: () => void): void {
    try {
      call();
    } catch (error) {
      throw new BrokenStream(`a handler of the watch failed: ${String(error)}`);
    }
  }

  /** Reports a failure, discards the version if a new list is needed, and backs off. */
  async #recover(error: unknown): Promise<WatchReason> {
    if (this.#stopped) return 'stopped';
    const reason = failureReason(error);
    if (reason !== 'failed') this.#resourceVersion = undefined;
    // Versions expire in normal operation, so that is not reported as a failure.
    if (reason !== 'expired') notify(() => this.#handlers.failed?.(this.#toClusterError(error)));
    await this.#backOff(error, reason);
    return 'waited';
  }

  async #backOff(error: unknown, reason: WatchReason): Promise<void> {
    this.#enter('waiting', reason, error);
    const { backoffFirstMs, backoffMostMs, unreachableMostMs } = this.#timing;
    const mostMs = isKind(error, 'unreachable', 'timeout') ? unreachableMostMs : backoffMostMs;
    const boundMs = Math.min(mostMs, backoffFirstMs * 2 ** Math.min(this.#failures++, 20));
    const askedMs = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
    await sleep(askedMs + boundMs * (0.5 + Math.random() / 2), this.#stop.signal).catch(() => undefined);
  }

  #toClusterError(error: unknown): ClusterError {
    if (error instanceof ClusterError) return error;
    return new ClusterError('unexpected', this.#api.connection.cluster, this.#call, messageOf(error));
  }

  get #call() {
    return { verb: 'watch', resource: resourceName(this.#scope.resource), namespace: this.#scope.namespace };
  }

  #enter(to: WatchState, reason: WatchReason, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    const { cluster, observer } = this.#api.connection;
    const { resource, namespace } = this.#call;
    const transition = { cluster, resource, namespace, from, to, reason, ...(error === undefined ? {} : { error }) };
    notify(() => observer.onWatchTransition?.(transition));
  }
}

function isSilence(error: unknown): boolean {
  return codeOf(error) === 'UND_ERR_BODY_TIMEOUT';
}
