import type { Condition, Job, Pod } from './kubernetes.ts';

/** What a wait for a Job came to. The pod is as it was last seen, gone by now or not: whoever saw a verdict hands it on at once. */
export type Ending =
  /** The Job is Complete or Failed. */
  | { kind: 'terminal'; condition: Condition; pod?: Pod }
  /** The orchestrator's wait is over, the Job is not. */
  | { kind: 'timeout'; pod?: Pod }
  /** The Job is no longer there, or another one has its name. */
  | { kind: 'job-gone'; pod?: Pod };

/** The Job's terminal condition: Complete or Failed, and True. */
export function terminalCondition(job: Job): Condition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}
