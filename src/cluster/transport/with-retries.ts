import { sleep } from '../abortable.ts';
import { ClusterError, mayPass } from '../cluster-error.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/**
 * Which failures let a call be made again. `always`: doing it twice is doing it once (a GET, an apply, a delete by UID). `if-safe`: only
 * when the server surely has done nothing yet.
 */
export type Repeat = 'always' | 'if-safe';

export interface RetryOptions {
  repeat: Repeat;
  /** All tries together, waiting included. Milliseconds. */
  budgetMs: number;
  /** No further try begins after this. */
  windowMs: number;
  breaker: CircuitBreaker;
  signal: AbortSignal;
  /** A refusal that is final at any other time may pass now. */
  passesNow: (error: ClusterError) => boolean;
  retried?: ((error: ClusterError, tries: number, delayMs: number) => void) | undefined;
}

/**
 * Make a call until it succeeds, fails for good, or its time or the cluster's patience is over; the last failure is thrown as it is.
 * The time is short on purpose: an activity is to report the trouble before its own timeout does, and Temporal's retries are seen by a person.
 */
export async function withRetries<T>(attempt: (leftMs: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { breaker, budgetMs, windowMs, signal } = options;
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const lastStartMs = Math.min(windowMs, budgetMs);
  for (let tries = 0; ; tries++) {
    await breaker.turn(lastStartMs - elapsed(), signal);
    const round = breaker.round;
    try {
      const value = await attempt(Math.max(1, budgetMs - elapsed()));
      breaker.answered();
      return value;
    } catch (error) {
      if (!mayPass(error) && !(error instanceof ClusterError && options.passesNow(error))) {
        if (error instanceof ClusterError && error.status !== undefined) breaker.answered();
        throw error;
      }
      const delayMs = breaker.failed(error, round, tries);
      const allowed = options.repeat === 'always' || error.safeToRepeat;
      if (!allowed || elapsed() + delayMs >= lastStartMs || !breaker.takeRetry()) throw error;
      options.retried?.(error, tries + 1, delayMs);
      await sleep(delayMs, signal);
    }
  }
}
