import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';

export interface ReceivedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
  /** The common name of the client certificate, over TLS. */
  client: string | undefined;
  servername: string | undefined;
}

/** Answers a request, or returns `undefined` to leave it to the answer that was registered before. */
export type Answer = (request: ReceivedRequest, response: ServerResponse) => unknown;

/** A real HTTP server that gives the answers of a test, including those of an API server that fails. */
export class FakeApiServer {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #isTls: boolean;
  #answers: Answer[] = [];
  /** Connections opened so far. */
  opened = 0;
  mostOpen = 0;

  private constructor(tls: (SecureContextOptions & { requestCert?: boolean }) | undefined) {
    const listener: RequestListener = (request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    };
    this.#isTls = tls !== undefined;
    this.#server =
      tls === undefined ? createServer(listener) : createTlsServer({ rejectUnauthorized: false, ...tls }, listener);
    this.#server.keepAliveTimeout = 90_000;
    this.#server.on('connection', (socket) => {
      this.opened++;
      this.#sockets.add(socket);
      this.mostOpen = Math.max(this.mostOpen, this.#sockets.size);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(tls?: SecureContextOptions & { requestCert?: boolean }): Promise<FakeApiServer> {
    const server = new FakeApiServer(tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): URL {
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`${this.#isTls ? 'https' : 'http'}://127.0.0.1:${port}`);
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Registers an answer, which takes precedence over those registered before. */
  answer(answer: Answer): this {
    this.#answers.unshift(answer);
    return this;
  }

  /** Like {@link answer}, but gives each of these answers once, in this order. */
  script(...answers: Answer[]): this {
    const left = [...answers];
    return this.answer((request, response) => left.shift()?.(request, response));
  }

  /** Replaces the certificate for new connections. */
  setCertificate(tls: SecureContextOptions): void {
    (this.#server as Server & { setSecureContext(options: SecureContextOptions): void }).setSecureContext(tls);
  }

  count(method: string, path: RegExp): number {
    return this.requests.filter((request) => request.method === method && path.test(request.path)).length;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const socket = incoming.socket as TLSSocket;
    const request: ReceivedRequest = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      client: this.#isTls ? commonName(socket) : undefined,
      servername: this.#isTls && typeof socket.servername === 'string' ? socket.servername : undefined,
    };
    this.requests.push(request);
    for (const answer of this.#answers) if ((await answer(request, response)) !== undefined) return;
    status(404, 'NotFound', 'the fake API server has no answer for this request')(request, response);
  }
}

function commonName(socket: TLSSocket): string | undefined {
  const subject = socket.getPeerCertificate().subject as { CN?: string } | undefined;
  return subject?.CN;
}

export function json(code: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function status(
  code: number,
  reason: string,
  message: string,
  { details, headers }: { details?: unknown; headers?: Record<string, string> } = {},
): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details };
  return json(code, body, headers);
}

/** Resets the connection without an answer. */
export const hangUp: Answer = (_request, response) => {
  response.socket?.resetAndDestroy();
  return true;
};

/** Never answers. */
export const silence: Answer = () => true;

/** Restricts an answer to requests of this method and path. */
export function only(method: string, path: RegExp, answer: Answer): Answer {
  return (request, response) =>
    request.method === method && path.test(request.path) ? answer(request, response) : undefined;
}
