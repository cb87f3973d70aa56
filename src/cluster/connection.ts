import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type buildConnector, type Dispatcher, ProxyAgent, request } from 'undici';
import { type CallName, ClusterError, kindOfAnswer, type Status } from './error.ts';

/** One request to the API server, before the cluster's address and credentials are added. */
export interface ApiRequest {
  call: CallName;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** How long the answer's headers may take, and how long its body may be silent. Milliseconds. */
  timeoutMs?: number;
}

/** What is needed to reach the API server, read from the kubeconfig by client-node. */
interface Access {
  tls: { ca?: unknown; cert?: unknown; key?: unknown; servername?: string; rejectUnauthorized?: boolean };
  headers: Record<string, string>;
}

/** Calls share a few connections; each open stream (a watch, a log) has one of its own, so that streams never keep a call waiting. */
interface Pools {
  /** What the TLS options were when these were made. */
  fingerprint: string;
  calls: Dispatcher;
  streams: Dispatcher;
}

const CALL_CONNECTIONS = 6;
const CALL_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Credentials are read again after this long: client-node reads the CA file on each call and starts an exec plugin once per parallel call. */
const ACCESS_TTL_MS = 5_000;

/**
 * One cluster's API server: its address, its credentials, and one shared pool of connections. client-node 2.0.1 opens a TLS connection for
 * each call once a CA is set (measured: 300 GETs, 300 connections), so it reads the kubeconfig here and nothing more.
 */
export class Connection {
  readonly cluster: string;
  readonly server: URL;
  readonly #kubeConfig: KubeConfig;
  readonly #userAgent: string;
  #access: { at: number; value: Promise<Access> } | undefined;
  #pools: Pools | undefined;

  constructor(cluster: string, kubeConfig: KubeConfig, userAgent: string) {
    const current = kubeConfig.getCurrentCluster();
    if (current === null) {
      throw new ClusterError(
        'configuration',
        cluster,
        { verb: 'reach', resource: 'the API server' },
        'the kubeconfig has no current context',
      );
    }
    this.cluster = cluster;
    this.server = new URL(current.server);
    this.#kubeConfig = kubeConfig;
    this.#userAgent = userAgent;
  }

  /** Send a request and read its whole answer as JSON. Throws {@link ClusterError}, or the signal's reason when it was aborted. */
  async json<T>(apiRequest: ApiRequest): Promise<T> {
    const answer = await this.#send(apiRequest, 'calls');
    try {
      return (await answer.body.json()) as T;
    } catch (error) {
      throw this.#networkError(apiRequest, error);
    }
  }

  /** Send a request and hand its body over as a stream (watches, logs). The caller must read it to its end or destroy it. */
  async stream(apiRequest: ApiRequest): Promise<Dispatcher.ResponseData['body']> {
    return (await this.#send(apiRequest, 'streams')).body;
  }

  async close(): Promise<void> {
    const pools = poolsOf(this.#pools);
    this.#pools = undefined;
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  async #send(apiRequest: ApiRequest, pool: 'calls' | 'streams'): Promise<Dispatcher.ResponseData> {
    const answer = await this.#dispatch(apiRequest, pool).catch((error: unknown) => {
      throw this.#networkError(apiRequest, error);
    });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    throw await this.#answerError(apiRequest, answer);
  }

  async #dispatch(
    { method, path, query, body, contentType, signal, timeoutMs }: ApiRequest,
    pool: 'calls' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    signal?.throwIfAborted();
    const access = await this.#currentAccess();
    const url = new URL(this.server.pathname.replace(/\/$/, '') + path, this.server);
    for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(key, value);
    return request(url, {
      method,
      dispatcher: this.#poolsFor(access)[pool],
      headers: {
        ...access.headers,
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      headersTimeout: timeoutMs ?? CALL_TIMEOUT_MS,
      bodyTimeout: timeoutMs ?? CALL_TIMEOUT_MS,
    });
  }

  #currentAccess(): Promise<Access> {
    const now = performance.now();
    if (this.#access === undefined || now - this.#access.at > ACCESS_TTL_MS) {
      this.#access = { at: now, value: this.#readAccess() };
      this.#access.value.catch(() => {
        this.#access = undefined;
      });
    }
    return this.#access.value;
  }

  async #readAccess(): Promise<Access> {
    const options: RequestOptions & { auth?: string | undefined } = {};
    await this.#kubeConfig.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [key, value] of Object.entries(options.headers ?? {})) headers[key.toLowerCase()] = String(value);
    if (options.auth !== undefined && options.auth !== null) {
      headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    }
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    return {
      headers,
      tls: {
        ca,
        cert,
        key,
        ...(servername === undefined ? {} : { servername }),
        ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      },
    };
  }

  /** The shared pools; made anew when the CA or the client certificate has changed, and the old ones let go once their calls are done. */
  #poolsFor({ tls }: Access): Pools {
    const fingerprint = JSON.stringify(tls, (_key, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString('base64') : value,
    );
    if (this.#pools?.fingerprint === fingerprint) return this.#pools;
    // The old pools' open watches end by themselves within minutes; close() waits for them without holding anybody up.
    for (const pool of poolsOf(this.#pools)) pool.close().catch(() => undefined);
    const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS } as buildConnector.BuildOptions;
    this.#pools = {
      fingerprint,
      calls: this.#pool(connect, { connections: CALL_CONNECTIONS }),
      streams: this.#pool(connect, {}),
    };
    return this.#pools;
  }

  #pool(connect: buildConnector.BuildOptions, more: { connections?: number }): Dispatcher {
    // HTTP/2, undici's default, kills the process: an idle session with an aborted stream emits an error that nobody can
    // listen for ("socket idle timeout", undici 8.12.4, seen 30 s after a watch was stopped).
    const options = { ...more, allowH2: false, keepAliveTimeout: 30_000 };
    const proxy = this.#kubeConfig.getCurrentCluster()?.proxyUrl;
    if (proxy === undefined || proxy === '') return new Agent({ ...options, connect });
    return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
  }

  async #answerError({ call }: ApiRequest, answer: Dispatcher.ResponseData): Promise<ClusterError> {
    const status = await readStatus(answer.body);
    const header = Number(answer.headers['retry-after']);
    const seconds = Number.isFinite(header) ? header : status?.details?.retryAfterSeconds;
    if (answer.statusCode === 401) this.#access = undefined;
    return new ClusterError(
      kindOfAnswer(answer.statusCode, status),
      this.cluster,
      call,
      status?.message ?? `the API server answered ${answer.statusCode}`,
      { status, retryAfterMs: seconds === undefined ? undefined : seconds * 1000 },
    );
  }

  #networkError({ call, signal }: ApiRequest, error: unknown): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (error instanceof ClusterError) return error;
    const { code, message } = error as { code?: string; message?: string };
    const timeout = code !== undefined && /TIMEOUT|TIMEDOUT/.test(code) && !/CONNECT/.test(code);
    const text = `${this.server.host}: ${message ?? String(error)}${code === undefined ? '' : ` (${code})`}`;
    return new ClusterError(timeout ? 'timeout' : 'unreachable', this.cluster, call, text);
  }
}

const MAX_STATUS_BYTES = 64 * 1024;

/** An error's body, when it is a Status of reasonable size; anything else (a proxy's page) is thrown away unread. */
async function readStatus(body: Dispatcher.ResponseData['body']): Promise<Status | undefined> {
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_STATUS_BYTES) return undefined;
      chunks.push(chunk);
    }
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Status) : undefined;
  } catch {
    return undefined;
  }
}

function poolsOf(pools: Pools | undefined): Dispatcher[] {
  return pools === undefined ? [] : [pools.calls, pools.streams];
}
