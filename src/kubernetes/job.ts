/** Reads the status of one Job. The labels are those that the Job controller sets. */
import type { Condition, Job } from './types.ts';

/** Label of a Job's pods: the Job's name. The Job controller sets it (Kubernetes 1.27 or newer). */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
/** Label of a Job's pods: the Job's UID. The Job controller sets it (Kubernetes 1.27 or newer). */
export const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';

/** The Job's terminal condition: Complete or Failed, with status True. */
export function terminalCondition(job: Job): Condition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

/** The Job's Failed condition with status True; undefined if there is none or the Job could not be read. */
export function failedCondition(job: Job | null): Condition | undefined {
  return job?.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
}
