import type { Condition, Pod } from '../../kubernetes/types.ts';
import type { Finding } from './cause.ts';

/** What a wait saw of a validator, however the wait ended. */
export interface EndingDetails {
  /** When the Job was created, in RFC 3339: the start of its time in a queue. */
  createdAt?: string;
  /**
   * The pod to read the result from, as it was last seen, even if it is gone by now: a verdict that was seen is not
   * lost.
   */
  pod?: Pod;
  /** Whether the validator's container may have run: false only if it provably did not. */
  started: boolean;
  /** What a validator that has not started was waiting for, or what kept it from starting, when it was last seen. */
  trouble?: Finding;
}

/** How the wait for a Job ended. */
export type Ending = EndingDetails &
  (
    | /** The Job is Complete or Failed. */ { kind: 'terminal'; condition: Condition }
    | /** The validator ended by itself, but another container of its pod keeps the Job running. */ { kind: 'done' }
    | /** The orchestrator's wait is over, but the Job has not ended. */ { kind: 'timeout' }
    | /** The Job is gone, or another Job has its name. */ { kind: 'job-gone' }
    | /** A problem has outlasted its grace, so the wait ended before the Job did. */ {
        kind: 'early';
        finding: Finding;
      }
  );
