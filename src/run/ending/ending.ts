import { hasStarted, wasNeverCreated } from '../../kubernetes/pod.ts';
import type { Condition, Pod } from '../../kubernetes/types.ts';
import type { Finding } from './cause.ts';

/** What a wait saw of a validator, however it ended. */
export interface Seen {
  /** When the Job was made, as RFC 3339: the time in a queue begins with it. */
  createdAt?: string;
  /** The pod that tells most, as it was last seen, gone by now or not: whoever saw a verdict hands it on at once. */
  pod?: Pod;
  /** Whether a container of the validator may have run: false only where it provably did not. */
  started: boolean;
  /** What it waited for, or what was wrong, when it was last looked at; only of one that has not started. */
  trouble?: Finding;
}

/** What a wait for a Job came to. */
export type Ending = Seen &
  (
    | /** The Job is Complete or Failed. */ { kind: 'terminal'; condition: Condition }
    | /** The validator has ended by itself, but its Job lives on: another container of the pod does. */ {
        kind: 'done';
      }
    | /** The orchestrator's wait is over, the Job is not. */ { kind: 'timeout' }
    | /** The Job is no longer there, or another one has its name. */ { kind: 'job-gone' }
    | /** Trouble that has outlasted its grace: nothing more is to be expected. */ { kind: 'early'; finding: Finding }
  );

/** What a wait's queue is: none, the cluster's or somebody's (a suspended Job, a gated pod), or for room that siblings hold. */
export type Queue = 'none' | 'elsewhere' | 'room';

/** The wait goes on, but the pod has begun, or ceased, to wait in a queue: the run is to know. */
export interface QueueChange {
  kind: 'queue';
  queue: Queue;
  evidence?: string;
}

/**
 * Its Job ran out of its time before the validator had started: the clock ran while it waited, and that is no verdict.
 * @param pod as it is now; undefined where it is gone.
 */
export function timedOutBeforeStart(ending: Ending, pod: Pod | undefined): boolean {
  if (ending.kind !== 'terminal' || ending.condition.reason !== 'DeadlineExceeded') return false;
  if (pod === undefined) return !ending.started;
  return wasNeverCreated(pod) || !(ending.started || hasStarted(pod));
}
