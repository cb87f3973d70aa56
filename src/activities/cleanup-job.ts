import { JOBS } from '../cluster/resources.ts';
import type { Job } from '../kubernetes/types.ts';
import { hasMarks } from '../run/marks.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';

export interface JobInput extends RunInput {
  job: {
    name: string;
    /** Unknown when the deploy failed on the way: then the Job of that name is removed if it bears the run's marks. */
    uid?: string;
  };
}

/**
 * Deletes the validator's Job with foreground propagation, so that it stays until its pods are gone (the seed's `CleanupJob`); that they are
 * is for `waitForPodTermination` to wait for. Only the Job
 * with the UID that was deployed: another that has since taken the name is left alone. What is gone already is fine.
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
