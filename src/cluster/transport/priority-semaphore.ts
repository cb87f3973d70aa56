import { untilAborted } from '../abortable.ts';

interface Waiter {
  urgent: boolean;
  granted: PromiseWithResolvers<void>;
}

/** A few places that many want: given in the order of asking, the urgent ones first. */
export class PrioritySemaphore {
  readonly #waiting: Waiter[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /** Resolves with the function that gives the place back, once there is one. */
  async take({ urgent, signal }: { urgent: boolean; signal?: AbortSignal | undefined }): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#queue({ urgent, granted: Promise.withResolvers() }, signal);
    let held = true;
    return () => {
      if (held) this.#giveBack();
      held = false;
    };
  }

  async #queue(waiter: Waiter, signal: AbortSignal | undefined): Promise<void> {
    const behind = waiter.urgent ? this.#waiting.findIndex(({ urgent }) => !urgent) : -1;
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter);
    try {
      await untilAborted(waiter.granted.promise, signal);
    } catch (error) {
      const at = this.#waiting.indexOf(waiter);
      // No longer in the queue: it was granted and aborted in the same turn.
      if (at >= 0) this.#waiting.splice(at, 1);
      else this.#giveBack();
      throw error;
    }
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.granted.resolve();
  }
}
