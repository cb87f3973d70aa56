import { type Dispatcher, request } from 'undici';
import { untilAborted } from '../abortable.ts';
import { type CallName, ClusterError, isKind } from '../cluster-error.ts';
import type { Access, Credentials } from '../credentials/credentials.ts';
import type { ApiRequest } from './api-request.ts';
import { kindOfAnswer, readStatus, retryAfterMs } from './kubernetes-status.ts';
import { isTlsFailure } from './network-error.ts';
import { PoolKeeper, type Pools } from './pools.ts';

export type Body = Dispatcher.ResponseData['body'];

export interface SendOptions {
  pool: keyof Pools;
  signal: AbortSignal;
  /** The longest pause between two chunks of the body. Milliseconds. */
  silenceMs: number;
}

export interface RequestSenderOptions {
  cluster: string;
  credentials: Credentials;
  userAgent: string;
  /** How long undici waits for an answer. The signal of each request ends the wait sooner. Milliseconds. */
  answerMs: number;
  /** Called for each answer of the server, a refusal included. */
  onAnswer: () => void;
}

/** Sends requests to one API server, with its current address and credentials, over its pools of connections. */
export class RequestSender {
  readonly #options: RequestSenderOptions;
  readonly #pools = new PoolKeeper();

  constructor(options: RequestSenderOptions) {
    this.#options = options;
  }

  /** How often the server's address, proxy, CA or client certificate has changed. */
  get routeChanges(): number {
    return this.#pools.replacements;
  }

  /**
   * Sends a request and returns the body of the answer. If the server refuses the credentials, or its certificate is
   * not trusted, the request is sent once more with newer credentials.
   * @throws ClusterError if the server answers with an error; undici's error if the server does not answer.
   */
  async send(apiRequest: ApiRequest, options: SendOptions): Promise<Body> {
    for (let firstTry = true; ; firstTry = false) {
      const access = await untilAborted(this.#options.credentials.current(), options.signal);
      try {
        const answer = await this.#dispatch(apiRequest, access, options);
        this.#options.onAnswer();
        if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.body;
        throw await refusal(this.#options.cluster, apiRequest.call, answer);
      } catch (error) {
        const mayBeStale = isTlsFailure(error) || isKind(error, 'unauthorized');
        if (!(mayBeStale && this.#options.credentials.renewAfterRefusal(access) && firstTry)) throw error;
      }
    }
  }

  async destroy(): Promise<void> {
    await this.#pools.destroy();
  }

  async #dispatch(
    { method, path, query, body, contentType }: ApiRequest,
    access: Access,
    { pool, signal, silenceMs }: SendOptions,
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
        'user-agent': this.#options.userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      // Otherwise undici closes the connection after each DELETE that has a body.
      reset: false,
      signal,
      headersTimeout: this.#options.answerMs,
      bodyTimeout: silenceMs,
    });
    try {
      // undici ignores the signal until the request has a connection, so a queued request could not be aborted.
      return await untilAborted(answer, signal);
    } catch (error) {
      answer.then(({ body: late }) => late.on('error', () => undefined).destroy()).catch(() => undefined);
      throw error;
    }
  }
}

/** The error for an answer that is not 2xx. */
async function refusal(
  cluster: string,
  call: CallName,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<ClusterError> {
  const status = await readStatus(body as AsyncIterable<Uint8Array>);
  const kind = kindOfAnswer(statusCode, status);
  return new ClusterError(kind, cluster, call, status?.message ?? `the API server answered ${statusCode}`, {
    status: status ?? { code: statusCode },
    retryAfterMs: retryAfterMs(headers['retry-after'], status),
    // The server refuses these before it carries anything out.
    safeToRepeat: kind === 'too-many-requests' || kind === 'unauthorized' || kind === 'forbidden',
  });
}
