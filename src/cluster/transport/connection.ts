import { type Dispatcher, request } from 'undici';
import { untilAborted } from '../abortable.ts';
import { type CallName, ClusterError, mayPass } from '../cluster-error.ts';
import { type Access, Credentials } from '../credentials/credentials.ts';
import type { KubeConfigSource } from '../credentials/kubeconfig.ts';
import { type ClusterObserver, silent, tell } from '../observer.ts';
import { BodyError, readJson } from './body.ts';
import { CircuitBreaker, type CircuitBreakerTiming } from './circuit-breaker.ts';
import { kindOfAnswer, readStatus, retryAfterMs } from './kubernetes-status.ts';
import { LinkedAbort } from './linked-abort.ts';
import { networkError, trustIsBroken } from './network-error.ts';
import { PoolKeeper, type Pools } from './pools.ts';
import { PrioritySemaphore } from './priority-semaphore.ts';
import { type Repeat, withRetries } from './with-retries.ts';

/** One request to the API server, before the cluster's address and credentials are added. */
export interface ApiRequest {
  call: CallName;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** @default `always` for a GET, `if-safe` for anything else */
  repeat?: Repeat;
}

export interface StreamRequest extends ApiRequest {
  /** How long the body may be silent. Milliseconds. */
  silenceMs: number;
  /** `own`: a connection of its own, for the two shared watches. Else it takes turns with the other streams on one of the calls' connections. */
  lane: 'own' | 'urgent' | 'patient';
}

export interface ConnectionTiming extends CircuitBreakerTiming {
  /** A GET with all its retries; an activity's own timeout is 15 s, and the trouble must be told before it. */
  readMs: number;
  /** A write with all its retries: an admission webhook may take 10 s by default. */
  writeMs: number;
  /** No retry begins after this. */
  windowMs: number;
}

export interface ConnectionOptions {
  userAgent: string;
  observer?: ClusterObserver;
  timing?: Partial<ConnectionTiming>;
  /** For HTTPS_PROXY and NO_PROXY. */
  env?: NodeJS.ProcessEnv;
}

type Body = Dispatcher.ResponseData['body'];

const TIMING = { readMs: 8_000, writeMs: 10_000, windowMs: 6_000 };
/** How many streams beside the shared watches may be open at once: with two connections for calls, one is left for calls alone. */
const STREAMS_AMONG_CALLS = 1;
/** An API server that has just started may know no role yet, and refuse what it will grant a second later. */
const JUST_BACK_MS = 15_000;

/**
 * One cluster's API server: its address, its credentials, one shared pool of connections, and the retries of its calls. client-node 2.0.1
 * opens a TLS connection for each call once a CA is set (measured: 300 GETs, 300 connections), so it reads the kubeconfig and nothing more.
 */
export class Connection {
  readonly cluster: string;
  readonly observer: ClusterObserver;
  readonly #userAgent: string;
  readonly #timing: typeof TIMING;
  readonly #credentials: Credentials;
  readonly #pools = new PoolKeeper();
  readonly #breaker: CircuitBreaker;
  readonly #streams = new PrioritySemaphore(STREAMS_AMONG_CALLS);
  readonly #closing = new AbortController();
  #outages = 0;
  #lost = false;
  #backAt = Number.NEGATIVE_INFINITY;

  constructor(cluster: string, source: KubeConfigSource, { userAgent, observer, timing, env }: ConnectionOptions) {
    this.cluster = cluster;
    this.observer = observer ?? silent;
    this.#userAgent = userAgent;
    this.#timing = { ...TIMING, ...timing };
    this.#credentials = new Credentials(cluster, source, env ?? process.env);
    this.#breaker = new CircuitBreaker(timing);
  }

  /** The API server's address, for people. */
  get server(): URL {
    return this.#credentials.server;
  }

  /** How often the way to the server was made anew: another address, proxy, CA or client certificate. */
  get route(): number {
    return this.#pools.generation;
  }

  /** How often the server was away and came back. */
  get outages(): number {
    return this.#outages;
  }

  /** Send a request and read its whole answer as JSON. Throws {@link ClusterError}, or the signal's reason when it was aborted. */
  async json<T>(apiRequest: ApiRequest): Promise<T> {
    const isRead = apiRequest.method === 'GET';
    const abort = new LinkedAbort(apiRequest.signal, this.#closing.signal);
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      return await withRetries((leftMs) => this.#once<T>(apiRequest, leftMs, signal), {
        repeat: apiRequest.repeat ?? (isRead ? 'always' : 'if-safe'),
        budgetMs: isRead ? this.#timing.readMs : this.#timing.writeMs,
        windowMs: this.#timing.windowMs,
        breaker: this.#breaker,
        signal,
        passesNow: ({ kind }) => kind === 'forbidden' && performance.now() - this.#backAt < JUST_BACK_MS,
        retried: (error, tries, delayMs) =>
          tell(() => this.observer.retried?.({ cluster: this.cluster, call: apiRequest.call, error, tries, delayMs })),
      });
    } finally {
      abort.release();
    }
  }

  /**
   * Send a request and hand its body over as a stream (watches, logs). One try: whoever reads it knows how to go on. The caller must read
   * it to its end or destroy it.
   */
  async stream(streamRequest: StreamRequest): Promise<Body> {
    const { lane, silenceMs } = streamRequest;
    const abort = new LinkedAbort(streamRequest.signal, this.#closing.signal);
    let release = () => abort.release();
    let round: number | undefined;
    try {
      abort.signal.throwIfAborted();
      if (lane !== 'own') {
        const leave = await this.#streams.take({ urgent: lane === 'urgent', signal: abort.signal });
        release = () => {
          abort.release();
          leave();
        };
      }
      abort.startClock(this.#timing.readMs);
      await this.#breaker.turn(this.#timing.windowMs, abort.signal);
      round = this.#breaker.round;
      const body = await this.#send(streamRequest, lane === 'own' ? 'watches' : 'calls', abort.signal, silenceMs);
      abort.stopClock();
      this.#breaker.answered();
      body.once('close', release);
      return body;
    } catch (error) {
      release();
      const explained = this.#explained(streamRequest, error, abort.timedOut);
      if (round !== undefined && mayPass(explained)) this.#breaker.failed(explained, round, 0);
      throw explained;
    }
  }

  /** Ends everything that is under way, and every connection. */
  async close(): Promise<void> {
    const call = { verb: 'reach', resource: 'the API server' };
    this.#closing.abort(new ClusterError('unreachable', this.cluster, call, 'the connection was closed'));
    this.#credentials.close();
    await this.#pools.destroy();
  }

  /** What the reader of a stream caught, as a {@link ClusterError}. */
  streamError(apiRequest: Pick<ApiRequest, 'call' | 'signal'>, error: unknown): unknown {
    return this.#explained(apiRequest, error, false);
  }

  async #once<T>(apiRequest: ApiRequest, leftMs: number, signal: AbortSignal): Promise<T> {
    const abort = new LinkedAbort(signal);
    abort.startClock(leftMs);
    try {
      const body = await this.#send(apiRequest, 'calls', abort.signal, leftMs);
      return (await readJson(body as AsyncIterable<Uint8Array>)) as T;
    } catch (error) {
      throw this.#explained(apiRequest, error, abort.timedOut);
    } finally {
      abort.release();
    }
  }

  /** Send it, and once more when the server does not take the credentials, or we not its certificate, and there are newer ones. */
  async #send(apiRequest: ApiRequest, pool: keyof Pools, signal: AbortSignal, silenceMs: number): Promise<Body> {
    for (let again = true; ; again = false) {
      const access = await untilAborted(this.#credentials.current(), signal);
      try {
        const answer = await this.#dispatch(apiRequest, access, pool, signal, silenceMs);
        return await this.#accepted(apiRequest, answer);
      } catch (error) {
        const stale = trustIsBroken(error) || (error instanceof ClusterError && error.kind === 'unauthorized');
        if (!(stale && this.#credentials.refused(access) && again)) throw error;
      }
    }
  }

  async #dispatch(
    { method, path, query, body, contentType }: ApiRequest,
    access: Access,
    pool: keyof Pools,
    signal: AbortSignal,
    silenceMs: number,
  ): Promise<Dispatcher.ResponseData> {
    const { server, headers } = access;
    const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
    for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(key, value);
    const answer = request(url, {
      method,
      dispatcher: this.#pools.for(access)[pool],
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      // undici would close the connection after each DELETE that has a body.
      reset: false,
      signal,
      // The leash ends it sooner.
      headersTimeout: this.#timing.writeMs * 2,
      bodyTimeout: silenceMs,
    });
    try {
      // undici looks at the signal only once the request has a connection: one that waits for it would not be heard.
      return await untilAborted(answer, signal);
    } catch (error) {
      answer.then(({ body: late }) => late.on('error', () => undefined).destroy()).catch(() => undefined);
      throw error;
    }
  }

  async #accepted({ call }: ApiRequest, { statusCode, headers, body }: Dispatcher.ResponseData): Promise<Body> {
    if (this.#lost) {
      this.#outages++;
      this.#backAt = performance.now();
    }
    this.#lost = false;
    if (statusCode >= 200 && statusCode < 300) return body;
    const status = await readStatus(body as AsyncIterable<Uint8Array>);
    const kind = kindOfAnswer(statusCode, status);
    throw new ClusterError(kind, this.cluster, call, status?.message ?? `the API server answered ${statusCode}`, {
      status: status ?? { code: statusCode },
      retryAfterMs: retryAfterMs(headers['retry-after'], status),
      // Turned away before anything was done.
      safeToRepeat: kind === 'too-many-requests' || kind === 'unauthorized' || kind === 'forbidden',
    });
  }

  #explained({ call, signal }: Pick<ApiRequest, 'call' | 'signal'>, error: unknown, timedOut: boolean): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (this.#closing.signal.aborted) return this.#closing.signal.reason;
    if (error instanceof ClusterError) return error;
    if (error instanceof BodyError) return new ClusterError('unexpected', this.cluster, call, error.message);
    this.#lost = true;
    if (timedOut) {
      return new ClusterError('timeout', this.cluster, call, `${this.#host()}: no answer in time`);
    }
    return networkError(this.cluster, this.#host(), call, error);
  }

  #host(): string {
    return this.server.host;
  }
}
