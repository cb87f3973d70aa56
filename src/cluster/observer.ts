import type { CallName, ClusterError } from './cluster-error.ts';
import type { WatchTransition } from './watch/watch-state.ts';

/** Receives the failures that the cluster layer recovers from without its callers, for logs and metrics. */
export interface ClusterObserver {
  /** A call failed and is about to be retried. */
  onRetry?(event: { cluster: string; call: CallName; error: ClusterError; tries: number; delayMs: number }): void;
  /** A watch changed its state. */
  onWatchTransition?(event: WatchTransition): void;
}

export const noObserver: ClusterObserver = {};

/** Runs a callback of an observer and ignores what it throws: an observer must not stop the work that it observes. */
export function notify(callback: () => void): void {
  try {
    callback();
  } catch {
    // There is no one to report it to: the observer is the report.
  }
}
