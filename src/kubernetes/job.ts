/** Pure questions about one Job, and the labels that its controller sets. */
import type { Condition, Job } from './types.ts';

/** The Job controller sets this label on the pods of a Job: the Job's name (Kubernetes 1.27 or newer). */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
/** The Job controller sets this label on the pods of a Job: the Job's UID (Kubernetes 1.27 or newer). */
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
