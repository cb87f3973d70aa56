import { JOBS } from '../cluster/resources.ts';
import { terminalCondition } from '../contract/ending.ts';
import type { Job } from '../contract/kubernetes.ts';
import { EXPIRES_ANNOTATION } from '../contract/marks.ts';
import type { NamedUid } from '../contract/run.ts';
import { activity } from './activity.ts';
import type { ActivityDeps, RunInput } from './run-activity.ts';

export interface KeepJobInput extends RunInput {
  job: NamedUid;
  /** Until when, in RFC 3339. */
  expires: string;
}

/**
 * Lets a Job that has ended stay until it expires, with its pods and their logs: the sweep and Kubernetes' own clock for finished Jobs go by
 * that. One that has not ended is not kept, since it would go on running.
 * @returns whether it was kept.
 */
export function keepJob({ clusters }: ActivityDeps) {
  return activity(async ({ run, job, expires }: KeepJobInput, signal): Promise<{ kept: boolean }> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const ref = { resource: JOBS, namespace: run.namespace, name: job.name };
    const found = await api.find<Job>(ref, signal);
    const ended = found && terminalCondition(found);
    if (found === undefined || ended === undefined) return { kept: false };
    if (found.metadata.uid !== job.uid || found.metadata.deletionTimestamp !== undefined) return { kept: false };
    const endedMs = Date.parse(ended.lastTransitionTime ?? expires);
    const ttlSecondsAfterFinished = Math.max(1, Math.ceil((Date.parse(expires) - endedMs) / 1000));
    const annotations = { [EXPIRES_ANNOTATION]: expires };
    await api.patch(ref, job.uid, { metadata: { annotations }, spec: { ttlSecondsAfterFinished } }, signal);
    return { kept: true };
  });
}
