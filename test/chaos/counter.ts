import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** One start of a validator's container. */
interface Execution {
  run: string;
  validator: string;
  pod: string;
}

/** Counts executions without Proctor's knowledge: each container reports to it that it runs, with its own nonce. */
export class Counter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #heard = new Map<string, Execution>();

  private constructor() {
    this.#server = createServer((socket) => {
      let text = '';
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.on('data', (data: Buffer) => {
        text += data.toString();
        const [, run, validator, pod, nonce] = /^(\S+) (\S+) (\S+) (\S+)\n/.exec(text) ?? [];
        if (run === undefined || validator === undefined || pod === undefined || nonce === undefined) return;
        this.#heard.set(nonce, { run, validator, pod });
        socket.end('heard\n');
      });
    });
  }

  static async start(host: string): Promise<Counter> {
    const counter = new Counter();
    counter.#server.listen(0, host);
    await once(counter.#server, 'listening');
    return counter;
  }

  get address(): { host: string; port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** How often each validator of a run was executed, in any Job. */
  executions(run: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const one of this.#heard.values()) {
      if (one.run === run) counts.set(one.validator, (counts.get(one.validator) ?? 0) + 1);
    }
    return counts;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
