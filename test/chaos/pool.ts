import type { Stack } from '../../dev/stack.ts';
import { type HeldCall, Holds, type Moment } from './gate.ts';
import { ChaosWorker } from './worker.ts';

/** A held call and the worker that made it. */
export interface Intercepted {
  worker: ChaosWorker;
  held: HeldCall;
}

/** A fixed number of workers, in which a worker that was ended is replaced. */
export class Pool {
  readonly #stack: Stack;
  readonly #env: Record<string, string>;
  readonly #size: number;
  readonly #holds = new Holds();
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

  /** Starts the missing workers and waits until they serve. */
  async fill(): Promise<void> {
    this.#workers = this.#workers.filter(({ alive }) => alive);
    this.#begin(this.#size - this.#workers.length - this.#starting.size);
    await Promise.all(this.#starting);
  }

  /** Ends a worker and starts another in its place. Waits for a new worker only if no other is left. */
  async replace(worker: ChaosWorker, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await worker.end(signal);
    this.#workers = this.#workers.filter(({ alive }) => alive);
    this.#begin(1);
    if (this.#workers.length === 0) await Promise.race(this.#starting);
  }

  #begin(count: number): void {
    for (let i = 0; i < count; i++) {
      const started = ChaosWorker.start(this.#stack, this.#holds, this.#env).then((worker) => {
        this.#workers.push(worker);
      });
      this.#starting.add(started);
      // Callers that await `started` see its failure. Here it only has to leave the set.
      const over = () => this.#starting.delete(started);
      started.then(over, over);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end('SIGKILL')));
  }

  /** Holds the first call of any worker that reaches this moment. @returns undefined if `stop` settles before that. */
  async intercept(moment: Moment, stop: Promise<unknown>): Promise<Intercepted | undefined> {
    const caught = Promise.withResolvers<Intercepted | undefined>();
    const hold = (): (() => void) =>
      this.#holds.hold(moment, (held, gate) => {
        const worker = this.#workers.find((one) => one.gate === gate);
        if (worker !== undefined) return caught.resolve({ worker, held });
        // The worker has started but is not in the pool yet, so the next call is held instead.
        cancelHold = hold();
        held.release();
      });
    let cancelHold = hold();
    stop.then(
      () => caught.resolve(undefined),
      () => caught.resolve(undefined),
    );
    try {
      return await caught.promise;
    } finally {
      cancelHold();
    }
  }
}
