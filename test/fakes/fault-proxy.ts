import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Link {
  client: Socket;
  upstream: Socket;
}

/** A TCP proxy in front of a real server that injects network faults. TLS passes through unchanged. */
export class FaultProxy {
  /** Connections opened so far. */
  opened = 0;
  /** The largest number of connections open at the same time. */
  mostOpen = 0;
  /** Bytes from the server to the client. */
  bytes = 0;
  readonly #target: { host: string; port: number };
  readonly #links = new Set<Link>();
  #server: Server;
  #port = 0;
  #stalled = false;
  #delayMs = 0;
  #truncateAfter = Number.POSITIVE_INFINITY;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = this.#newServer();
  }

  static async before(url: URL): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: url.hostname, port: Number(url.port) });
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that clients have open now. */
  get open(): number {
    return [...this.#links].filter(({ client }) => !client.destroyed).length;
  }

  /** Resets every connection, as a load balancer does when it restarts. */
  cut(): void {
    for (const { client, upstream } of this.#links) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    this.#links.clear();
  }

  /** Stops all traffic without closing a connection, as an unplugged cable does. */
  stall(): void {
    this.#stalled = true;
    for (const { client, upstream } of this.#links) {
      client.pause();
      upstream.pause();
    }
  }

  unstall(): void {
    this.#stalled = false;
    for (const link of this.#links) {
      if (link.client.destroyed || link.upstream.destroyed) this.#end(link);
      link.client.resume();
      link.upstream.resume();
    }
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Ends each connection after this many bytes from the server. */
  truncateAfter(bytes: number): void {
    this.#truncateAfter = bytes;
  }

  /** Closes the port and all connections, as during a restart of the server: new connections are refused. */
  async refuse(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async accept(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#newServer();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  #newServer(): Server {
    return createServer((client) => this.#link(client));
  }

  #link(client: Socket): void {
    this.opened++;
    const upstream = connect(this.#target);
    const link = { client, upstream };
    this.#links.add(link);
    this.mostOpen = Math.max(this.mostOpen, this.open);
    let passed = 0;
    upstream.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      const left = this.#truncateAfter - passed;
      passed += chunk.length;
      this.#pass(client, chunk.subarray(0, Math.max(0, left)));
      if (left < chunk.length) client.end(() => client.destroySoon());
    });
    client.on('data', (chunk: Buffer) => this.#pass(upstream, chunk));
    for (const side of [client, upstream]) {
      side.on('error', () => undefined);
      side.on('close', () => {
        // While traffic is stopped, the end of a connection does not pass either.
        if (!this.#stalled) this.#end(link);
      });
    }
    if (this.#stalled) this.stall();
  }

  #end(link: Link): void {
    this.#links.delete(link);
    link.client.destroySoon();
    link.upstream.destroySoon();
  }

  #pass(to: Socket, chunk: Buffer): void {
    if (this.#delayMs === 0) to.write(chunk);
    else setTimeout(() => to.writable && to.write(chunk), this.#delayMs);
  }
}
