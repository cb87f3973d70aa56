/**
 * The states of a {@link ResourceWatch}:
 * - `listing`: it reads all objects.
 * - `connecting`: it asks for the changes since the list or the last event.
 * - `watching`: it receives changes.
 * - `waiting`: it backs off after a failure, then goes to `connecting`, or to `listing` if it no longer knows a version
 *   to resume from.
 * - `stopped`: the final state.
 */
export type WatchState = 'listing' | 'connecting' | 'watching' | 'waiting' | 'stopped';

/** Why a watch left its state. */
export type WatchReason =
  | 'started'
  | 'listed'
  | 'connected'
  /** The server ended the stream as usual. */
  | 'closed'
  /** Nothing arrived for longer than the interval between bookmarks. */
  | 'silent'
  /** The version to resume from is too old (410), or the server does not know it. */
  | 'expired'
  /** An ERROR event, or a line that is not an event. Changes may have been skipped. */
  | 'broken'
  | 'failed'
  /** The back-off is over. */
  | 'waited'
  | 'stopped';

export interface WatchTransition {
  cluster: string;
  /** `jobs.batch`, `pods`. */
  resource: string;
  namespace: string | undefined;
  from: WatchState;
  to: WatchState;
  reason: WatchReason;
  /** The failure that caused the transition, if there was one. */
  error?: unknown;
}

export interface WatchTiming {
  /** The server ends a watch after this time, so that no connection grows old. */
  serverTimeoutSeconds: number;
  /** The longest silence of a stream. Bookmarks arrive every 60 to 61 s (measured, on a quiet resource too). */
  silenceMs: number;
  /** If a stream ends sooner than this, the watch backs off before it resumes. */
  shortMs: number;
  backoffFirstMs: number;
  backoffMostMs: number;
  /** The longest back-off while the server is unreachable. An attempt to connect then costs the server nothing. */
  unreachableMostMs: number;
}

export const WATCH_TIMING: WatchTiming = {
  serverTimeoutSeconds: 290,
  silenceMs: 80_000,
  shortMs: 1_000,
  backoffFirstMs: 200,
  backoffMostMs: 15_000,
  unreachableMostMs: 5_000,
};

/** How long a watch without its own connection keeps a shared one before other streams may use it. */
export const SHARED_TURN_SECONDS = 2;
