import { sleep } from '../abortable.ts';
import { ClusterError, mayPass } from '../cluster-error.ts';
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
  /** Whether a refusal that is usually final may pass at the moment. */
  mayPassNow: (error: ClusterError) => boolean;
  onRetry?: ((error: ClusterError, tries: number, delayMs: number) => void) | undefined;
}

/**
 * Makes a call until it succeeds, until it fails with an error that a retry cannot help, or until its time or the
 * cluster's retry budget is used up. Then it throws the last failure unchanged.
 *
 * The time is short on purpose. An activity must report the failure before its own timeout hides it, and Temporal's
 * retries are visible in the Web UI, while these are not.
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
      if (!mayPass(error) && !(error instanceof ClusterError && options.mayPassNow(error))) {
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
