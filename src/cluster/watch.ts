import type { KubernetesObject } from '../contract/kubernetes.ts';
import type { ClusterApi } from './api.ts';
import { ClusterError } from './error.ts';
import { type Resource, resourceName, resourcePath } from './resources.ts';

/**
 * The states of a {@link ResourceWatch}. `listing` reads everything, `watching` follows from there, `waiting` backs off after a failure and
 * then lists again (after an expired version) or resumes watching (after anything else); `stopped` is for good.
 */
export type WatchState = 'listing' | 'watching' | 'waiting' | 'stopped';

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

/** The server ends a watch after this long, so a connection never grows old; it is then resumed where it stood. */
const SERVER_TIMEOUT_SECONDS = 290;
/** Bookmarks come about once a minute: a stream silent for longer than two of them is dead (half-open socket). */
const SILENCE_MS = 150_000;
const SHORT_MS = 1_000;
const BACKOFF_MS = { first: 200, most: 15_000 };

interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T & { code?: number; reason?: string; message?: string };
}

/**
 * Lists a resource, then watches it from there, for ever: resumes after a cut, lists again when its version has expired, backs off with
 * jitter while the API server is away. client-node's informer stops for good on a socket error, keys by name and cannot page.
 */
export class ResourceWatch<T extends KubernetesObject> {
  state: WatchState = 'listing';
  readonly #api: ClusterApi;
  readonly #scope: WatchScope;
  readonly #handlers: WatchHandlers<T>;
  readonly #stop = new AbortController();
  #resourceVersion: string | undefined;
  #failures = 0;
  readonly done: Promise<void>;

  constructor(api: ClusterApi, scope: WatchScope, handlers: WatchHandlers<T>) {
    this.#api = api;
    this.#scope = scope;
    this.#handlers = handlers;
    this.done = this.#run();
  }

  stop(): void {
    this.#stop.abort(new Error('watch stopped'));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list();
        const from = performance.now();
        await this.#watch(this.#resourceVersion ?? '');
        // A server that closes each watch at once must not be asked again in a tight loop.
        if (performance.now() - from < SHORT_MS) await this.#backOff(undefined);
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        if (error instanceof ClusterError && error.kind === 'expired') this.#resourceVersion = undefined;
        this.#handlers.failed?.(error);
        await this.#backOff(error);
      }
    }
    this.state = 'stopped';
  }

  async #list(): Promise<void> {
    this.state = 'listing';
    const { resource, ...selectors } = this.#scope;
    const items: T[] = [];
    let next: string | undefined;
    let version: string;
    do {
      const page = await this.#api.list<T>(resource, { ...selectors, continue: next } as never, this.#stop.signal);
      items.push(...page.items);
      next = page.next;
      version = page.resourceVersion;
    } while (next !== undefined);
    this.#handlers.listed(items);
    this.#resourceVersion = version;
  }

  async #watch(from: string): Promise<void> {
    this.state = 'watching';
    const { resource, namespace, labelSelector, fieldSelector } = this.#scope;
    const body = await this.#api.connection.stream({
      call: { verb: 'watch', resource: resourceName(resource), namespace },
      method: 'GET',
      path: resourcePath(resource, namespace, undefined),
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: from,
        timeoutSeconds: String(SERVER_TIMEOUT_SECONDS),
        labelSelector,
        fieldSelector,
      },
      timeoutMs: SILENCE_MS,
      signal: this.#stop.signal,
    });
    this.#handlers.working?.();
    for await (const line of lines(body as AsyncIterable<Uint8Array>)) {
      if (this.#stop.signal.aborted) return;
      this.#take(line);
    }
  }

  #take(line: string): void {
    const event = this.#parse(line);
    if (event.type === 'ERROR') throw this.#error(event.object);
    this.#failures = 0;
    if (event.type === 'DELETED') this.#handlers.deleted(event.object);
    else if (event.type !== 'BOOKMARK') this.#handlers.changed(event.object);
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  /** A line that is not JSON means that the stream cannot be trusted from here: what it hid is found by listing again. */
  #parse(line: string): WatchEvent<T> {
    try {
      return JSON.parse(line) as WatchEvent<T>;
    } catch {
      throw this.#error({ reason: 'Expired', message: 'the watch sent a line that is not JSON' });
    }
  }

  #error({ code, reason, message }: { code?: number; reason?: string; message?: string }): ClusterError {
    const expired = code === 410 || reason === 'Expired' || reason === 'Gone';
    const call = { verb: 'watch', resource: resourceName(this.#scope.resource), namespace: this.#scope.namespace };
    const detail = message ?? `the watch ended with an error event (${reason ?? code})`;
    return new ClusterError(expired ? 'expired' : 'server-error', this.#api.connection.cluster, call, detail);
  }

  async #backOff(error: unknown): Promise<void> {
    this.state = 'waiting';
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#failures++);
    const asked = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
    await wait(Math.max(asked, most * (0.5 + Math.random() / 2)), this.#stop.signal);
  }
}

/** Resolves after the given time, or at once when aborted. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield part;
  }
}
