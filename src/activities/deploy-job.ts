import { Context } from '@temporalio/activity';
import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { ClusterError } from '../cluster/error.ts';
import { JOBS } from '../cluster/resources.ts';
import { decorate } from '../contract/decorate.ts';
import { resolveImage } from '../contract/image.ts';
import type { Job } from '../contract/kubernetes.ts';
import { renderJob } from '../contract/manifest.ts';
import { bearsMarks, type Marks } from '../contract/marks.ts';
import { jobNameSuffix, serviceAccountName } from '../contract/names.ts';
import type { NamedUid, RunValidatorInput } from '../contract/run.ts';
import { activity } from './activity.ts';
import { type ActivityDeps, ownedBy } from './run-activity.ts';

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
export function deployJob({ clusters }: ActivityDeps) {
  return activity(async (input: DeployJobInput, signal): Promise<NamedUid> => {
    const { api } = await clusters.pinned(input.run.cluster, signal);
    const marks: Marks = { ...input.run.marks, validator: input.entry.name, attempt: input.attempt };
    const job = manifest(input, marks);
    const ref = { resource: JOBS, namespace: input.run.namespace, name: job.metadata.name ?? '' };
    const earlier = Context.current().info.attempt > 1 ? await api.find<Job>(ref, signal) : undefined;
    if (earlier !== undefined) return adopted(api, ref, earlier, marks);
    return adopted(api, ref, await api.apply(JOBS, job, signal), marks);
  });
}

/** The Job as the contract renders it, and then Proctor's own additions. */
export function manifest({ run, anchor, entry, settings, attempt }: DeployJobInput, marks: Marks): Job {
  const version = settings.cliVersion ?? '';
  const commit = settings.cliCommit ?? '';
  const imageTagOverride = settings.imageTagOverride ?? '';
  const imageRegistryOverride = settings.imageRegistryOverride ?? '';
  const image = resolveImage(entry.image, {
    version,
    commit,
    tagOverride: imageTagOverride,
    registryOverride: imageRegistryOverride,
  });
  const { job } = renderJob({
    entry: { ...entry, image },
    runId: run.runId,
    namespace: run.namespace,
    serviceAccount: serviceAccountName(run.runId),
    jobNameSuffix: jobNameSuffix({ runId: run.runId, validator: entry.name, attempt }),
    version,
    commit,
    imagePullSecrets: settings.imagePullSecrets ?? [],
    tolerations: settings.tolerations ?? [],
    nodeSelector: settings.nodeSelector ?? {},
    imageRegistryOverride,
    imageTagOverride,
    componentRefs: settings.componentRefs ?? [],
    // The worker's own environment never reaches a validator: what is forwarded comes with the request.
    processEnv: {},
  });
  return decorate(job, marks, ownedBy(anchor));
}

function adopted(api: ClusterApi, { namespace, name }: ObjectRef, job: Job, marks: Marks): NamedUid {
  const refuse = (detail: string) =>
    new ClusterError(
      'already-exists',
      api.connection.cluster,
      { verb: 'create', resource: 'jobs.batch', namespace, name },
      detail,
    );
  if (!bearsMarks(job, marks)) throw refuse('a Job of that name is there and does not bear the marks of this attempt');
  if (job.metadata.deletionTimestamp !== undefined) throw refuse('the Job made for this attempt is being deleted');
  const manager = job.spec.managedBy;
  if (manager !== undefined && manager !== JOB_CONTROLLER)
    throw refuse(`it is managed by ${manager}, whose Jobs run on another cluster`);
  return { name, uid: job.metadata.uid ?? '' };
}
