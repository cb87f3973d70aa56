/**
 * The states of a {@link ResourceWatch}:
 * `listing` reads everything there is; `connecting` asks for the changes since then; `watching` receives them; `waiting` backs off after
 * a failure, then goes to `connecting`, or to `listing` where the place to go on from is lost; `stopped` is for good.
 */
export type WatchState = 'listing' | 'connecting' | 'watching' | 'waiting' | 'stopped';

/** Why a watch left its state. */
export type WatchReason =
  | 'started'
  | 'listed'
  | 'connected'
  /** The server ended the stream in the regular way. */
  | 'closed'
  /** Nothing came for longer than bookmarks take. */
  | 'silent'
  /** The version to go on from is too old (410), or the server does not know it. */
  | 'expired'
  /** An ERROR event, or a line that is no event: what it hid is found by listing again. */
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
  /** The failure, where there was one. */
  error?: unknown;
}

export interface WatchTiming {
  /** The server ends a watch after this long, so that no connection grows old. */
  serverTimeoutSeconds: number;
  /** How long the stream may be silent: bookmarks come once a minute (measured: 60 to 61 s, on a quiet resource too). */
  silenceMs: number;
  /** A stream that lived for less is not resumed at once. */
  shortMs: number;
  backoffFirstMs: number;
  backoffMostMs: number;
  /** The most to wait for a server that cannot be reached: asking costs it nothing. */
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

/** A turn of a watch that shares its connection with other streams: then others have theirs. */
export const SHARED_TURN_SECONDS = 2;
