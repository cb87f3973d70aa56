/** A signal of one piece of work: aborted by any of the others, or when its time is up. `AbortSignal.any` would leave listeners to the collector. */
export class LinkedAbort {
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
