/**
 * An abort signal for one piece of work: it is aborted when any of the given signals is, or when its clock runs out.
 * Unlike `AbortSignal.any`, whose listeners stay until the garbage collector finds them, {@link release} removes them
 * at once.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #parents: AbortSignal[];
  readonly #follow: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timedOut = false;

  constructor(...parents: (AbortSignal | undefined)[]) {
    this.#parents = parents.filter((parent) => parent !== undefined);
    this.#follow = () => this.#controller.abort(this.#parents.find(({ aborted }) => aborted)?.reason);
    for (const parent of this.#parents) parent.addEventListener('abort', this.#follow, { once: true });
    if (this.#parents.some(({ aborted }) => aborted)) this.#follow();
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
      this.#controller.abort(new Error('timed out'));
    }, ms);
  }

  stopClock(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.stopClock();
    for (const parent of this.#parents) parent.removeEventListener('abort', this.#follow);
  }
}
