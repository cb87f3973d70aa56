import type { CallName, ClusterError } from './cluster-error.ts';
import type { WatchTransition } from './watch/watch-state.ts';

/** Who is told what the cluster layer gets over by itself: for logs and metrics. */
export interface ClusterObserver {
  /** A call is about to be made again. */
  retried?(event: { cluster: string; call: CallName; error: ClusterError; tries: number; delayMs: number }): void;
  /** A watch changed its state. */
  moved?(event: WatchTransition): void;
}

export const silent: ClusterObserver = {};

/** An observer that throws must not stop what it observes. */
export function tell(say: () => void): void {
  try {
    say();
  } catch {
    // Nobody is left to tell.
  }
}
