import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Stack } from '../../dev/stack.ts';

/** A moment in a call's life: before the API server hears of it, or before the worker hears what came of it. */
export interface Moment {
  method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  path: RegExp;
  at: 'request' | 'answer';
}

/** A call that is held at its moment. */
export interface Held {
  path: string;
  /** Lets it go on. */
  release(): void;
  /** It never happened, or nobody ever hears of it. */
  drop(): void;
}

interface Order {
  moment: Moment;
  held(held: Held, gate: Gate): void;
}

/** What is to be held, by whichever of several workers it comes. */
export class Orders {
  readonly #orders = new Set<Order>();

  /** Holds the first call that comes to this moment. @returns what takes the order back. */
  hold(moment: Moment, held: Order['held']): () => void {
    const order = { moment, held };
    this.#orders.add(order);
    return () => this.#orders.delete(order);
  }

  /** @returns the order that this call fulfils; it is no order any more. */
  take(at: Moment['at'], method: string | undefined, path: string): Order | undefined {
    const fits = ({ moment }: Order) => moment.at === at && moment.method === method && moment.path.test(path);
    const order = [...this.#orders].find(fits);
    if (order !== undefined) this.#orders.delete(order);
    return order;
  }
}

/** Ends a worker's TLS before the real API server, and holds single calls at a wanted moment. */
export class Gate {
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #orders: Orders;

  private constructor({ stateDir, cluster }: Stack, orders: Orders) {
    this.#orders = orders;
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    const from64 = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    this.#upstream = new URL(config.getCurrentCluster()?.server ?? '');
    this.#agent = new Agent({
      keepAlive: true,
      ca: from64(config.getCurrentCluster()?.caData),
      cert: from64(config.getCurrentUser()?.certData),
      key: from64(config.getCurrentUser()?.keyData),
    });
    const pki = (file: string) => readFileSync(join(stateDir, 'pki', file));
    this.#server = createServer({ cert: pki('server.crt'), key: pki('server.key') }, (from, to) => {
      this.#pass(from, to).catch(() => to.destroy());
    });
    // The worker's own pool decides how long a connection is kept.
    this.#server.keepAliveTimeout = 90_000;
  }

  static async before(stack: Stack, orders: Orders): Promise<Gate> {
    const gate = new Gate(stack, orders);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): URL {
    return new URL(`https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method, url = '', headers } = from;
    await this.#moment('request', from, to);
    if (to.destroyed) return;
    const path = { agent: this.#agent, method, path: url, headers: { ...headers, host: this.#upstream.host } };
    const ask = request(this.#upstream, path, (answer) => {
      answer.on('error', () => to.destroy());
      this.#moment('answer', from, to)
        .then(() => {
          if (to.destroyed) return;
          to.writeHead(answer.statusCode ?? 502, answer.headers);
          to.flushHeaders();
          answer.pipe(to);
        })
        .catch(() => to.destroy());
    });
    ask.on('error', () => to.destroy());
    to.on('close', () => ask.destroy());
    from.pipe(ask);
  }

  async #moment(at: Moment['at'], { method, url = '' }: IncomingMessage, to: ServerResponse): Promise<void> {
    const order = this.#orders.take(at, method, url);
    if (order === undefined) return;
    await new Promise<void>((release) => {
      // Whoever asked may be gone by now.
      to.on('close', release);
      order.held({ path: url, release, drop: () => to.destroy() }, this);
    });
  }
}
