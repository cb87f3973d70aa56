import { Context } from '@temporalio/activity';
import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { JOBS } from '../cluster/resources.ts';
import type { Job } from '../kubernetes/types.ts';
import { hasMarks, type Marks } from '../run/marks.ts';
import { planJob } from '../run/plan/plan-job.ts';
import type { Claim } from '../run/plan/policy.ts';
import { imageClaim, runtimeImageClaims } from '../run/plan/policy-claims.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { enforcePolicy } from './enforce-policy.ts';
import { alreadyExists } from './refuse-foreign-object.ts';

export interface DeployJobInput extends RunValidatorInput {
  /** The number of the validator's attempt, which has its own Job. It is not the attempt of this activity. */
  attempt: number;
}

const JOB_CONTROLLER = 'kubernetes.io/job-controller';

/**
 * Creates the validator's Job with server-side apply and the field manager `aicr-validator`, as AICR's
 * `Deployer.DeployJob` does.
 *
 * The Job's name follows from run, validator and attempt. If an earlier try of this activity created the Job but did
 * not get the response, this one adopts that Job, provided that it has this attempt's marks and is not being deleted.
 * It does not apply over the Job, because Kueue and webhooks change its template.
 * Keeps G2.
 */
export function deployJob({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: DeployJobInput, signal): Promise<NamedUid> => {
    enforcePolicy(policy, claims(input));
    const { api } = await clusters.pinned(input.run.cluster, signal);
    const marks: Marks = { ...input.run.marks, validator: input.entry.name, attempt: input.attempt };
    const { job } = planJob(input);
    const ref = { resource: JOBS, namespace: input.run.namespace, name: job.metadata.name ?? '' };
    const isRetry = Context.current().info.attempt > 1;
    const earlier = isRetry ? await api.find<Job>(ref, signal) : undefined;
    return adopt(api, ref, earlier ?? (await api.apply(JOBS, job, signal)), marks);
  });
}

function claims({ run, entry, settings }: DeployJobInput): Claim[] {
  return [
    { of: 'namespace', value: run.namespace, path: 'run.namespace' },
    imageClaim(entry, settings, `${entry.name}.image`),
    ...runtimeImageClaims(settings.forward, 'forward'),
  ];
}

/** Refuses a Job that is not this attempt's, or that no controller of this cluster runs. */
function adopt(api: ClusterApi, ref: ObjectRef, job: Job, marks: Marks): NamedUid {
  const refuse = (detail: string) => alreadyExists(api, ref, detail);
  if (!hasMarks(job, marks)) throw refuse('a Job of this name exists without the marks of this attempt');
  if (job.metadata.deletionTimestamp !== undefined) throw refuse('the Job of this attempt is being deleted');
  const manager = job.spec.managedBy;
  if (manager !== undefined && manager !== JOB_CONTROLLER)
    throw refuse(`it is managed by ${manager}, whose Jobs run on another cluster`);
  return { name: ref.name, uid: job.metadata.uid ?? '' };
}
