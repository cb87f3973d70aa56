import { JOBS } from '../cluster/resources.ts';
import type { Job } from '../kubernetes/types.ts';
import { hasMarks } from '../run/marks.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';

export interface JobInput extends RunInput {
  job: {
    name: string;
    /** Absent if the deploy failed and may still have created the Job: then the Job must have the run's marks. */
    uid?: string;
  };
}

/**
 * Deletes the validator's Job with foreground propagation, as AICR's `Deployer.CleanupJob` does. The Job stays until
 * its pods are gone, which `waitForPodTermination` waits for. Deletes only the Job with the UID that was deployed, not
 * another that has taken its name. Idempotent.
 */
export function cleanupJob({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, job }: JobInput, signal): Promise<void> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const ref = { resource: JOBS, namespace: run.namespace, name: job.name };
    let uid = job.uid;
    if (uid === undefined) {
      const found = await api.find<Job>(ref, signal);
      if (found === undefined || !hasMarks(found, run.marks)) return;
      uid = found.metadata.uid;
    }
    await api.delete(ref, { uid, propagation: 'Foreground', signal });
  });
}
