import { sleep } from '../abortable.ts';
import { ClusterError } from '../cluster-error.ts';

export interface CircuitBreakerTiming {
  /** The first pause of all callers, doubled with each further pause in a row. Milliseconds. */
  firstMs: number;
  /** The longest pause. Milliseconds. */
  mostMs: number;
}

const TIMING: CircuitBreakerTiming = { firstMs: 100, mostMs: 2_000 };
/** How many retries may be made while the server does not answer. Four answers add one retry. */
const RETRY_BUDGET = 20;
const REFILL_PER_ANSWER = 0.25;

/**
 * Protects a struggling API server from Proctor's retries; there is one breaker for each cluster. After a failure that
 * concerns the whole server (unreachable, overloaded) it opens: all callers pause until the same moment. All retries
 * come from one budget, which only answers refill. Otherwise each of fifty activities would make five tries at a server
 * that has already failed for the first of them.
 */
export class CircuitBreaker {
  readonly #timing: CircuitBreakerTiming;
  #retryBudget = RETRY_BUDGET;
  /** Pauses since the last answer. */
  #pausesInARow = 0;
  #pauses = 0;
  #openUntil = 0;
  #openedBy: ClusterError | undefined;

  constructor(timing: Partial<CircuitBreakerTiming> = {}) {
    this.#timing = { ...TIMING, ...timing };
  }

  /** Pauses so far. A caller reads this before its call, so that fifty simultaneous failures cause one pause. */
  get pauses(): number {
    return this.#pauses;
  }

  /**
   * Waits until calls may be made.
   * @throws ClusterError the failure that opened the breaker, if it stays open for longer than the caller can wait.
   */
  async waitWhileOpen(leftMs: number, signal: AbortSignal): Promise<void> {
    const openMs = this.#openUntil - performance.now();
    if (openMs <= 0) return;
    if (openMs > leftMs && this.#openedBy !== undefined) throw openTooLong(this.#openedBy, openMs);
    await sleep(openMs + Math.random() * this.#timing.firstMs, signal);
  }

  /** To be called when the server has answered, even with a refusal. */
  recordAnswer(): void {
    this.#retryBudget = Math.min(RETRY_BUDGET, this.#retryBudget + REFILL_PER_ANSWER);
    this.#pausesInARow = 0;
    // A pause that the server asked for stays: this answer may belong to a call that was sent before the pause.
    if (this.#openedBy?.retryAfterMs === undefined) this.#openUntil = 0;
  }

  /**
   * To be called when a call has failed with a transient error.
   * @param pausesAtStart {@link pauses} when the call was sent.
   * @returns how long the caller waits before it retries. Milliseconds.
   */
  recordFailure(error: ClusterError, pausesAtStart: number, tries: number): number {
    const backoffMs = this.#jitter(tries);
    const askedMs = error.retryAfterMs ?? 0;
    if (!isServerWide(error)) return Math.max(backoffMs, askedMs);
    if (pausesAtStart === this.#pauses) {
      this.#pauses++;
      this.#open(error, Math.max(askedMs, this.#jitter(this.#pausesInARow++)));
    } else if (askedMs > 0) this.#open(error, askedMs);
    return Math.max(0, this.#openUntil - performance.now()) + Math.random() * this.#timing.firstMs;
  }

  /** Takes one retry from the budget. @returns false if the budget is used up. */
  takeRetry(): boolean {
    if (this.#retryBudget < 1) return false;
    this.#retryBudget--;
    return true;
  }

  #open(by: ClusterError, ms: number): void {
    const until = performance.now() + ms;
    if (until <= this.#openUntil) return;
    this.#openUntil = until;
    this.#openedBy = by;
  }

  /** Full jitter up to the exponential bound, so that callers that failed together do not retry together. */
  #jitter(tries: number): number {
    return Math.random() * Math.min(this.#timing.mostMs, this.#timing.firstMs * 2 ** Math.min(tries, 20));
  }
}

/** A 500 or a timeout may come from one webhook; a dead connection, a 429 or a 503 concerns every caller. */
function isServerWide({ kind, status, retryAfterMs }: ClusterError): boolean {
  return (
    kind === 'unreachable' || kind === 'too-many-requests' || retryAfterMs !== undefined || (status?.code ?? 0) === 503
  );
}

/** The error of a caller that cannot wait until the breaker closes. */
function openTooLong(openedBy: ClusterError, ms: number): ClusterError {
  if (openedBy.retryAfterMs === undefined) return openedBy;
  const { kind, cluster, call, status } = openedBy;
  const detail = `the API server asked clients to wait another ${Math.ceil(ms / 1000)} s`;
  return new ClusterError(kind, cluster, call, detail, { status, retryAfterMs: ms, safeToRepeat: true });
}
