import { sleep } from '../abortable.ts';
import { ClusterError, isTransient } from '../cluster-error.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/**
 * After which failures a call may be repeated.
 * - `always`: the call is idempotent (a GET, an apply, a delete by UID).
 * - `if-safe`: only if the server has certainly not carried it out.
 */
export type Repeat = 'always' | 'if-safe';

export interface RetryOptions {
  repeat: Repeat;
  /** The time for all tries together, back-offs included. Milliseconds. */
  budgetMs: number;
  /** No try starts later than this after the first. Milliseconds. */
  windowMs: number;
  breaker: CircuitBreaker;
  signal: AbortSignal;
  /** Whether an error that is usually final is transient at the moment. */
  isTransientNow: (error: ClusterError) => boolean;
  onRetry?: ((error: ClusterError, tries: number, delayMs: number) => void) | undefined;
}

/**
 * Repeats a call until it succeeds, until it fails with an error that is not transient, or until its time or the
 * cluster's retry budget is used up. Throws the last error unchanged.
 *
 * The time is short on purpose. An activity must report the failure before its own timeout hides it, and Temporal's
 * retries are visible in the Web UI, unlike these.
 */
export async function withRetries<T>(attempt: (leftMs: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { breaker, budgetMs, windowMs, signal } = options;
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const lastStartMs = Math.min(windowMs, budgetMs);
  for (let tries = 0; ; tries++) {
    await breaker.waitWhileOpen(lastStartMs - elapsed(), signal);
    const { pauses } = breaker;
    try {
      const value = await attempt(Math.max(1, budgetMs - elapsed()));
      breaker.recordAnswer();
      return value;
    } catch (error) {
      if (!isTransient(error) && !(error instanceof ClusterError && options.isTransientNow(error))) {
        if (error instanceof ClusterError && error.status !== undefined) breaker.recordAnswer();
        throw error;
      }
      const delayMs = breaker.recordFailure(error, pauses, tries);
      const allowed = options.repeat === 'always' || error.safeToRepeat;
      if (!allowed || elapsed() + delayMs >= lastStartMs || !breaker.takeRetry()) throw error;
      options.onRetry?.(error, tries + 1, delayMs);
      await sleep(delayMs, signal);
    }
  }
}
