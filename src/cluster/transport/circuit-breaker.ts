import { sleep } from '../abortable.ts';
import { ClusterError } from '../cluster-error.ts';

export interface CircuitBreakerTiming {
  /** How long everybody waits after the first failure in a row, doubled with each further one. Milliseconds. */
  firstMs: number;
  mostMs: number;
}

const TIMING: CircuitBreakerTiming = { firstMs: 100, mostMs: 2_000 };
/** Retries that may be made while nothing succeeds; each success gives a part of one back. */
const CAPACITY = 20;
const REFILL = 0.25;

/**
 * What keeps a struggling API server from being hammered by its own clients, one for each cluster: after a failure that says the server
 * as a whole is in trouble (gone, overloaded) all callers wait for the same moment, and retries are paid from a common purse that only
 * successes fill. Without it, fifty activities would each try five times what the first one already knows to fail.
 */
export class CircuitBreaker {
  readonly #timing: CircuitBreakerTiming;
  #retryBudget = CAPACITY;
  #failures = 0;
  #round = 0;
  #closedUntil = 0;
  #cause: ClusterError | undefined;

  constructor(timing: Partial<CircuitBreakerTiming> = {}) {
    this.#timing = { ...TIMING, ...timing };
  }

  /** Changes with each common pause, so that fifty failures of one moment count as one. */
  get round(): number {
    return this.#round;
  }

  /**
   * Waits while all callers do.
   * @throws ClusterError of the failure that closed the door, when it stays closed for longer than the caller has.
   */
  async turn(leftMs: number, signal: AbortSignal): Promise<void> {
    const closedMs = this.#closedUntil - performance.now();
    if (closedMs <= 0) return;
    if (closedMs > leftMs && this.#cause !== undefined) throw tooLong(this.#cause, closedMs);
    await sleep(closedMs + Math.random() * this.#timing.firstMs, signal);
  }

  /** The server answered, be it with a refusal. */
  answered(): void {
    this.#retryBudget = Math.min(CAPACITY, this.#retryBudget + REFILL);
    this.#failures = 0;
    // A pause that the server asked for is kept, whatever was still on its way.
    if (this.#cause?.retryAfterMs === undefined) this.#closedUntil = 0;
  }

  /**
   * A call failed with what may pass.
   * @param round what {@link round} was when the call was sent.
   * @returns how long to wait before it is made again.
   */
  failed(error: ClusterError, round: number, tries: number): number {
    const own = this.#jitter(tries);
    const asked = error.retryAfterMs ?? 0;
    if (!isServerWide(error)) return Math.max(own, asked);
    if (round === this.#round) {
      this.#round++;
      this.#close(error, Math.max(asked, this.#jitter(this.#failures++)));
    } else if (asked > 0) this.#close(error, asked);
    return Math.max(0, this.#closedUntil - performance.now()) + Math.random() * this.#timing.firstMs;
  }

  /** Whether one more retry is paid for. */
  takeRetry(): boolean {
    if (this.#retryBudget < 1) return false;
    this.#retryBudget--;
    return true;
  }

  #close(cause: ClusterError, ms: number): void {
    const until = performance.now() + ms;
    if (until <= this.#closedUntil) return;
    this.#closedUntil = until;
    this.#cause = cause;
  }

  /** Full jitter: anything up to the exponential bound, so that callers who failed together do not come back together. */
  #jitter(tries: number): number {
    return Math.random() * Math.min(this.#timing.mostMs, this.#timing.firstMs * 2 ** Math.min(tries, 20));
  }
}

/** A 500 or a timeout may be one webhook's trouble; a dead connection, a 429 or a 503 is everybody's. */
function isServerWide({ kind, status, retryAfterMs }: ClusterError): boolean {
  return (
    kind === 'unreachable' || kind === 'too-many-requests' || retryAfterMs !== undefined || (status?.code ?? 0) === 503
  );
}

/** The failure of the one who closed the door, for those who cannot wait until it is open. */
function tooLong(cause: ClusterError, ms: number): ClusterError {
  if (cause.retryAfterMs === undefined) return cause;
  const { kind, cluster, call, status } = cause;
  const detail = `the API server asked to be left alone for another ${Math.ceil(ms / 1000)} s`;
  return new ClusterError(kind, cluster, call, detail, { status, retryAfterMs: ms, safeToRepeat: true });
}
