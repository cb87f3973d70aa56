import { type CallName, ClusterError, isTransient } from '../cluster-error.ts';
import { Credentials } from '../credentials/credentials.ts';
import type { KubeConfigSource } from '../credentials/kubeconfig.ts';
import { type ClusterObserver, noObserver, notify } from '../observer.ts';
import type { ApiRequest, StreamRequest } from './api-request.ts';
import { BodyError, readJson } from './body.ts';
import { CircuitBreaker, type CircuitBreakerTiming } from './circuit-breaker.ts';
import { LinkedAbort } from './linked-abort.ts';
import { networkError } from './network-error.ts';
import { Outages } from './outages.ts';
import { PrioritySemaphore } from './priority-semaphore.ts';
import { type Body, RequestSender } from './request-sender.ts';
import { withRetries } from './with-retries.ts';

export interface ConnectionTiming extends CircuitBreakerTiming {
  /** A GET with all its retries. An activity times out after 15 s, and the failure must be reported before that. */
  readMs: number;
  /** A write with all its retries. An admission webhook may take 10 s by default. */
  writeMs: number;
  /** No retry starts later than this after the first try. */
  windowMs: number;
}

export interface ConnectionOptions {
  userAgent: string;
  observer?: ClusterObserver;
  timing?: Partial<ConnectionTiming>;
  /** The environment from which HTTPS_PROXY and NO_PROXY are read. @default `process.env` */
  env?: NodeJS.ProcessEnv;
}

const TIMING = { readMs: 8_000, writeMs: 10_000, windowMs: 6_000 };
/** How many streams may use the two connections of the calls at once: one always remains for calls. */
const SHARED_STREAMS = 1;

/**
 * The connection to one cluster's API server: sends calls with retries, and opens streams. client-node 2.0.1 opens a
 * TLS connection for each call if a CA is set (measured: 300 GETs, 300 connections), so it is used only to read the
 * kubeconfig.
 */
export class Connection {
  readonly cluster: string;
  readonly observer: ClusterObserver;
  readonly #timing: typeof TIMING;
  readonly #credentials: Credentials;
  readonly #sender: RequestSender;
  readonly #breaker: CircuitBreaker;
  readonly #sharedStreams = new PrioritySemaphore(SHARED_STREAMS);
  readonly #outages = new Outages();
  readonly #closing = new AbortController();

  constructor(cluster: string, source: KubeConfigSource, { userAgent, observer, timing, env }: ConnectionOptions) {
    this.cluster = cluster;
    this.observer = observer ?? noObserver;
    this.#timing = { ...TIMING, ...timing };
    this.#credentials = new Credentials(cluster, source, env ?? process.env);
    this.#sender = new RequestSender({
      cluster,
      credentials: this.#credentials,
      userAgent,
      answerMs: this.#timing.writeMs * 2,
      onAnswer: () => this.#outages.recordAnswer(),
    });
    this.#breaker = new CircuitBreaker(timing);
  }

  /** The API server's address, for people. */
  get server(): URL {
    return this.#credentials.server;
  }

  /** How often the server's address, proxy, CA or client certificate has changed. */
  get routeChanges(): number {
    return this.#sender.routeChanges;
  }

  /** How often the server was unreachable and recovered. */
  get outages(): number {
    return this.#outages.count;
  }

  /**
   * Sends a request with retries, and reads its answer as JSON.
   * @throws ClusterError, or the signal's reason if it is aborted.
   */
  async json<T>(apiRequest: ApiRequest): Promise<T> {
    const isRead = apiRequest.method === 'GET';
    const abort = new LinkedAbort(apiRequest.signal, this.#closing.signal);
    const { signal } = abort;
    try {
      signal.throwIfAborted();
      return await withRetries((leftMs) => this.#tryOnce<T>(apiRequest, leftMs, signal), {
        repeat: apiRequest.repeat ?? (isRead ? 'always' : 'if-safe'),
        budgetMs: isRead ? this.#timing.readMs : this.#timing.writeMs,
        windowMs: this.#timing.windowMs,
        breaker: this.#breaker,
        signal,
        isTransientNow: ({ kind }) => kind === 'forbidden' && this.#outages.endedRecently,
        onRetry: (error, tries, delayMs) => this.#notifyRetry(apiRequest.call, error, tries, delayMs),
      });
    } finally {
      abort.release();
    }
  }

  /**
   * Sends a request once and returns the body of the answer as a stream, for watches and logs. The reader must handle
   * failures, and read the body to its end or destroy it.
   */
  async stream(streamRequest: StreamRequest): Promise<Body> {
    const { lane, silenceMs } = streamRequest;
    const abort = new LinkedAbort(streamRequest.signal, this.#closing.signal);
    let release = () => abort.release();
    let pausesAtStart: number | undefined;
    try {
      abort.signal.throwIfAborted();
      if (lane !== 'dedicated') {
        const releasePermit = await this.#sharedStreams.acquire({ urgent: lane === 'urgent', signal: abort.signal });
        release = () => {
          abort.release();
          releasePermit();
        };
      }
      abort.startClock(this.#timing.readMs);
      await this.#breaker.waitWhileOpen(this.#timing.windowMs, abort.signal);
      pausesAtStart = this.#breaker.pauses;
      const pool = lane === 'dedicated' ? 'watches' : 'calls';
      const body = await this.#sender.send(streamRequest, { pool, signal: abort.signal, silenceMs });
      abort.stopClock();
      this.#breaker.recordAnswer();
      body.once('close', release);
      return body;
    } catch (caught) {
      release();
      const error = this.#errorOf(streamRequest, caught, abort.timedOut);
      if (pausesAtStart !== undefined && isTransient(error)) this.#breaker.recordFailure(error, pausesAtStart, 0);
      throw error;
    }
  }

  /** Turns what the reader of a stream caught into a {@link ClusterError}, or the signal's reason if it was aborted. */
  streamError(apiRequest: Pick<ApiRequest, 'call' | 'signal'>, caught: unknown): unknown {
    return this.#errorOf(apiRequest, caught, false);
  }

  /** Ends all calls, streams and connections. Later calls are refused. */
  async close(): Promise<void> {
    const call = { verb: 'reach', resource: 'the API server' };
    this.#closing.abort(new ClusterError('unreachable', this.cluster, call, 'the connection was closed'));
    this.#credentials.close();
    await this.#sender.destroy();
  }

  async #tryOnce<T>(apiRequest: ApiRequest, leftMs: number, signal: AbortSignal): Promise<T> {
    const abort = new LinkedAbort(signal);
    abort.startClock(leftMs);
    try {
      const body = await this.#sender.send(apiRequest, { pool: 'calls', signal: abort.signal, silenceMs: leftMs });
      return (await readJson(body as AsyncIterable<Uint8Array>)) as T;
    } catch (caught) {
      throw this.#errorOf(apiRequest, caught, abort.timedOut);
    } finally {
      abort.release();
    }
  }

  #errorOf({ call, signal }: Pick<ApiRequest, 'call' | 'signal'>, caught: unknown, timedOut: boolean): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (this.#closing.signal.aborted) return this.#closing.signal.reason;
    if (caught instanceof ClusterError) return caught;
    if (caught instanceof BodyError) return new ClusterError('unexpected', this.cluster, call, caught.message);
    this.#outages.recordFailure();
    const { host } = this.server;
    if (timedOut) return new ClusterError('timeout', this.cluster, call, `${host}: no answer in time`);
    return networkError(this.cluster, host, call, caught);
  }

  #notifyRetry(call: CallName, error: ClusterError, tries: number, delayMs: number): void {
    notify(() => this.observer.onRetry?.({ cluster: this.cluster, call, error, tries, delayMs }));
  }
}
