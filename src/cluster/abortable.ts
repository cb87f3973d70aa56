/** Resolves after the given time; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** What the promise comes to, unless the signal is aborted first: then its reason. Whatever the promise stands for goes on. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A signal of one piece of work: aborted by any of the others, or when its time is up. `AbortSignal.any` would leave listeners to the collector. */
export class Leash {
  readonly #controller = new AbortController();
  readonly #others: AbortSignal[];
  readonly #follow: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timedOut = false;

  constructor(...others: (AbortSignal | undefined)[]) {
    this.#others = others.filter((other) => other !== undefined);
    this.#follow = () => this.#controller.abort(this.#others.find(({ aborted }) => aborted)?.reason);
    for (const other of this.#others) other.addEventListener('abort', this.#follow, { once: true });
    if (this.#others.some(({ aborted }) => aborted)) this.#follow();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get timedOut(): boolean {
    return this.#timedOut;
  }

  startClock(ms: number): void {
    this.stopClock();
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#controller.abort(new Error('the time is up'));
    }, ms);
  }

  stopClock(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopClock();
    for (const other of this.#others) other.removeEventListener('abort', this.#follow);
  }
}
