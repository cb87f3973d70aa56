import { untilAborted } from '../abortable.ts';

interface Waiter {
  urgent: boolean;
  granted: PromiseWithResolvers<void>;
}

/** A semaphore that serves urgent waiters first, and otherwise in the order in which they asked. */
export class PrioritySemaphore {
  readonly #waiters: Waiter[] = [];
  #free: number;

  constructor(permits: number) {
    this.#free = permits;
  }

  /** Waits for a permit. @returns a function that releases it; calling it twice releases once. */
  async acquire({ urgent, signal }: { urgent: boolean; signal?: AbortSignal | undefined }): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#waitInQueue({ urgent, granted: Promise.withResolvers() }, signal);
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  async #waitInQueue(waiter: Waiter, signal: AbortSignal | undefined): Promise<void> {
    const firstPatient = waiter.urgent ? this.#waiters.findIndex(({ urgent }) => !urgent) : -1;
    this.#waiters.splice(firstPatient < 0 ? this.#waiters.length : firstPatient, 0, waiter);
    try {
      await untilAborted(waiter.granted.promise, signal);
    } catch (error) {
      const index = this.#waiters.indexOf(waiter);
      // A waiter that has left the queue was granted the permit and aborted in the same turn of the event loop.
      if (index >= 0) this.#waiters.splice(index, 1);
      else this.#release();
      throw error;
    }
  }

  #release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#free++;
    else next.granted.resolve();
  }
}
