import { Context } from '@temporalio/activity';
import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { JOBS } from '../cluster/resources.ts';
import type { Job } from '../kubernetes/types.ts';
import { hasMarks, type Marks } from '../run/marks.ts';
import { imageOf, planJob } from '../run/plan/plan-job.ts';
import type { Claim } from '../run/plan/policy.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { enforcePolicy } from './enforce-policy.ts';
import { alreadyExists } from './refuse-foreign-object.ts';

/** A validator's Job to make: the attempt is Proctor's own (a new Job each), not the activity's. */
export interface DeployJobInput extends RunValidatorInput {
  attempt: number;
}

const JOB_CONTROLLER = 'kubernetes.io/job-controller';

/**
 * Creates the validator's Job with server-side apply, by field manager `aicr-validator` (the seed's `DeployJob`). Its name is a function of
 * run, validator and attempt, so when an earlier try of this activity got through without hearing of it, that Job is found and adopted:
 * never applied over, since Kueue and webhooks change templates, and only if it bears this attempt's marks and is not being deleted.
 */
export function deployJob({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: DeployJobInput, signal): Promise<NamedUid> => {
    enforcePolicy(policy, claims(input));
    const { api } = await clusters.pinned(input.run.cluster, signal);
    const marks: Marks = { ...input.run.marks, validator: input.entry.name, attempt: input.attempt };
    const { job } = planJob(input);
    const ref = { resource: JOBS, namespace: input.run.namespace, name: job.metadata.name ?? '' };
    const earlier = Context.current().info.attempt > 1 ? await api.find<Job>(ref, signal) : undefined;
    if (earlier !== undefined) return adopted(api, ref, earlier, marks);
    return adopted(api, ref, await api.apply(JOBS, job, signal), marks);
  });
}

function claims({ run, entry, settings }: DeployJobInput): Claim[] {
  const inner = settings.forward?.AICR_NCCL_RUNTIME_IMAGE ?? '';
  return [
    { of: 'namespace', value: run.namespace, path: 'run.namespace' },
    { of: 'image', value: imageOf(entry, settings), path: `${entry.name}.image` },
    ...(inner === '' ? [] : [{ of: 'image', value: inner, path: 'forward.AICR_NCCL_RUNTIME_IMAGE' } as const]),
  ];
}

function adopted(api: ClusterApi, ref: ObjectRef, job: Job, marks: Marks): NamedUid {
  const refuse = (detail: string) => alreadyExists(api, ref, detail);
  if (!hasMarks(job, marks)) throw refuse('a Job of that name is there and does not bear the marks of this attempt');
  if (job.metadata.deletionTimestamp !== undefined) throw refuse('the Job made for this attempt is being deleted');
  const manager = job.spec.managedBy;
  if (manager !== undefined && manager !== JOB_CONTROLLER)
    throw refuse(`it is managed by ${manager}, whose Jobs run on another cluster`);
  return { name: ref.name, uid: job.metadata.uid ?? '' };
}
