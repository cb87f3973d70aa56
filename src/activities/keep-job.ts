import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { JOBS } from '../cluster/resources.ts';
import { terminalCondition } from '../kubernetes/job.ts';
import { haveContainersEnded } from '../kubernetes/pod.ts';
import type { Job } from '../kubernetes/types.ts';
import { EXPIRES_ANNOTATION } from '../run/marks.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { listPodsOf } from './select-result-pod.ts';

export interface KeepJobInput extends RunInput {
  job: NamedUid;
  /** When the Job may be deleted, in RFC 3339. */
  expires: string;
}

/**
 * How many attempts, half a minute in all, a Job has to end after its containers. On a busy node the kubelet reports
 * the pod's end seconds later.
 */
const MAX_ATTEMPTS = 6;

/**
 * Keeps a Job that has ended, with its pods and their logs, until it expires: both for the sweep and for Kubernetes,
 * whose `ttlSecondsAfterFinished` is set to match. Does not keep a Job that has not ended, because it would continue to
 * run. If all of its containers have ended, this fails retryably instead.
 * @returns whether the Job is kept.
 */
export function keepJob({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, job, expires }: KeepJobInput, signal): Promise<{ kept: boolean }> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const { api } = cluster;
    const ref = { resource: JOBS, namespace: run.namespace, name: job.name };
    const found = await api.find<Job>(ref, signal);
    if (found?.metadata.uid !== job.uid || found.metadata.deletionTimestamp !== undefined) return { kept: false };
    const ended = terminalCondition(found);
    if (ended === undefined) {
      const pods = await listPodsOf(cluster, run.namespace, job, signal);
      const isAboutToEnd = pods.length > 0 && pods.every(haveContainersEnded);
      if (!isAboutToEnd || Context.current().info.attempt >= MAX_ATTEMPTS) return { kept: false };
      throw ApplicationFailure.retryable(`${job.name} has not ended yet, though its containers have`, 'JobNotEnded');
    }
    const endedMs = Date.parse(ended.lastTransitionTime ?? expires);
    const ttlSecondsAfterFinished = Math.max(1, Math.ceil((Date.parse(expires) - endedMs) / 1000));
    const annotations = { [EXPIRES_ANNOTATION]: expires };
    await api.patch(ref, job.uid, { metadata: { annotations }, spec: { ttlSecondsAfterFinished } }, signal);
    return { kept: true };
  });
}
