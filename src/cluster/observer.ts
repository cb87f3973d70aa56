import type { CallName, ClusterError } from './cluster-error.ts';
import type { WatchTransition } from './watch/watch-state.ts';

/** Receives the failures from which the cluster layer recovers unnoticed by its callers, for logs and metrics. */
export interface ClusterObserver {
  /** A call failed and is about to be retried. */
  onRetry?(event: { cluster: string; call: CallName; error: ClusterError; tries: number; delayMs: number }): void;
  /** A watch changed its state. */
  onWatchTransition?(event: WatchTransition): void;
}

export const noObserver: ClusterObserver = {};

/** Calls an observer and ignores what it throws: an observer must not stop the work that it observes. */
export function notify(callback: () => void): void {
  try {
    callback();
  } catch {
    // Failures are reported to the observer, so nothing is left to report this one to.
  }
}
