import type { Stack } from '../../dev/stack.ts';
import { type Held, type Moment, Orders } from './gate.ts';
import { ChaosWorker } from './worker.ts';

/** A call that is held, and the worker that makes it. */
export interface Caught {
  worker: ChaosWorker;
  held: Held;
}

/** The workers, as many as there are to be; who dies is replaced. */
export class Pool {
  readonly #stack: Stack;
  readonly #env: Record<string, string>;
  readonly #size: number;
  readonly #orders = new Orders();
  readonly #starting = new Set<Promise<void>>();
  #workers: ChaosWorker[] = [];

  constructor(stack: Stack, size: number, env: Record<string, string>) {
    this.#stack = stack;
    this.#size = size;
    this.#env = env;
  }

  get workers(): readonly ChaosWorker[] {
    return this.#workers;
  }

  byPid(pid: number): ChaosWorker | undefined {
    return this.#workers.find((worker) => worker.pid === pid);
  }

  /** Starts as many as are missing, and waits for them. */
  async fill(): Promise<void> {
    this.#workers = this.#workers.filter(({ alive }) => alive);
    this.#begin(this.#size - this.#workers.length - this.#starting.size);
    await Promise.all(this.#starting);
  }

  /** Ends a worker and begins another in its place; waits only until there is one that works. */
  async replace(worker: ChaosWorker, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await worker.end(signal);
    this.#workers = this.#workers.filter(({ alive }) => alive);
    this.#begin(1);
    if (this.#workers.length === 0) await Promise.race(this.#starting);
  }

  #begin(count: number): void {
    for (let i = 0; i < count; i++) {
      const started = ChaosWorker.start(this.#stack, this.#orders, this.#env).then((worker) => {
        this.#workers.push(worker);
      });
      this.#starting.add(started);
      // Who waits for it hears of a failure; here it only is over.
      const over = () => this.#starting.delete(started);
      started.then(over, over);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end('SIGKILL')));
  }

  /** The first call, of whichever worker, that comes to this moment, unless it is given up before. */
  async intercept(moment: Moment, givenUp: Promise<unknown>): Promise<Caught | undefined> {
    const caught = Promise.withResolvers<Caught | undefined>();
    const hold = (): (() => void) =>
      this.#orders.hold(moment, (held, gate) => {
        const worker = this.#workers.find((one) => one.gate === gate);
        if (worker !== undefined) return caught.resolve({ worker, held });
        // It has only begun to serve and is none of the pool's yet: the next one then.
        takeBack = hold();
        held.release();
      });
    let takeBack = hold();
    givenUp.then(
      () => caught.resolve(undefined),
      () => caught.resolve(undefined),
    );
    try {
      return await caught.promise;
    } finally {
      takeBack();
    }
  }
}
