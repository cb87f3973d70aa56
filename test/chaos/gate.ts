import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Stack } from '../../dev/stack.ts';

/**
 * The moment of a call at which to hold it: before it reaches the API server, or before the answer reaches the worker.
 */
export interface Moment {
  method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  path: RegExp;
  at: 'request' | 'answer';
}

/** A call that is held at its moment. */
export interface HeldCall {
  path: string;
  /** Continues the call. */
  release(): void;
  /** Closes the worker's connection: the call never reaches the API server, or its answer never reaches the worker. */
  drop(): void;
}

interface Hold {
  moment: Moment;
  held(held: HeldCall, gate: Gate): void;
}

/** The calls to hold, whichever of several workers makes them. */
export class Holds {
  readonly #holds = new Set<Hold>();

  /** Holds the first call that reaches this moment. @returns a function that cancels this. */
  hold(moment: Moment, held: Hold['held']): () => void {
    const hold = { moment, held };
    this.#holds.add(hold);
    return () => this.#holds.delete(hold);
  }

  /** Removes and returns the hold that applies to this call. */
  take(at: Moment['at'], method: string | undefined, path: string): Hold | undefined {
    const fits = ({ moment }: Hold) => moment.at === at && moment.method === method && moment.path.test(path);
    const hold = [...this.#holds].find(fits);
    if (hold !== undefined) this.#holds.delete(hold);
    return hold;
  }
}

/** A proxy that terminates a worker's TLS in front of the real API server and holds single calls at a given moment. */
export class Gate {
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #holds: Holds;

  private constructor({ stateDir, cluster }: Stack, holds: Holds) {
    this.#holds = holds;
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
    // Longer than the worker's own pool keeps a connection, so that the worker decides when to close it.
    this.#server.keepAliveTimeout = 90_000;
  }

  static async before(stack: Stack, holds: Holds): Promise<Gate> {
    const gate = new Gate(stack, holds);
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
    const hold = this.#holds.take(at, method, url);
    if (hold === undefined) return;
    await new Promise<void>((release) => {
      // The worker may be gone before the call is released.
      to.on('close', release);
      hold.held({ path: url, release, drop: () => to.destroy() }, this);
    });
  }
}
