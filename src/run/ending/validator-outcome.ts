import type { Phase } from '../../aicr/phase.ts';
import type { Status } from '../../aicr/result/status.ts';
import type { Cause, Finding } from './cause.ts';
import type { Timings } from './timings.ts';

/** An attempt that the infrastructure ended, and that another attempt followed. */
export interface EarlierAttempt extends Finding {
  job: string;
  startMs: number;
  stopMs: number;
}

/**
 * How a validator ended. It is small because two workflow histories hold it; its log and full message are in the result
 * store.
 */
export interface ValidatorOutcome {
  name: string;
  phase: Phase;
  status: Status;
  cause: Cause;
  /** What Kubernetes says about the cause, at most 400 characters. */
  evidence?: string;
  /** The validator's own exit code; -1 if there is none. */
  exitCode: number;
  message: string;
  startMs: number;
  stopMs: number;
  /** Whether its container may have run. */
  started: boolean;
  timings?: Timings;
  /** The node that its pod was on. */
  node?: string;
  /** The attempts before this one, which the infrastructure ended. */
  earlier?: EarlierAttempt[];
  /** Whether the result store holds the whole result under {@link resultKey}. */
  stored: boolean;
  resultKey?: string;
  /** Why the result store refused the result: the log and the rest of the message are lost. */
  lost?: string;
  extra?: Record<string, string>;
  /** What cleanup could not remove: kind and name, what blocks its deletion, and what to do. */
  left?: string[];
  /** The Jobs that were kept, by kind and name. */
  kept?: string[];
}
