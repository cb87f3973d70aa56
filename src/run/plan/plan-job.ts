import type { ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { resolveImage } from '../../aicr/job/image.ts';
import { type RenderedJob, renderJob } from '../../aicr/job/manifest.ts';
import { jobNameSuffix, serviceAccountName } from '../../aicr/job/names.ts';
import { decorate } from '../decorate.ts';
import type { NamedUid, RunScope } from '../scope.ts';
import { forwardedEnvironment, withSecretRefs } from './forwarded-environment.ts';
import type { JobSettings } from './validate-cluster-request.ts';

/** The number of a validator's first attempt. Each attempt has its own Job. */
export const FIRST_ATTEMPT = 1;

export interface JobInput {
  run: Pick<RunScope, 'namespace' | 'runId' | 'marks'>;
  anchor: NamedUid;
  entry: ValidatorEntry;
  settings: JobSettings;
  attempt: number;
}

/**
 * Renders a validator's Job by AICR's rules and adds Proctor's own changes: the token by reference, and what `decorate`
 * adds. Plan and deploy both call this, so that a plan shows the Jobs that run.
 */
export function planJob({ run, anchor, entry, settings, attempt }: JobInput): RenderedJob {
  const { cliVersion: version = '', cliCommit: commit = '', forward = {} } = settings;
  const { imageTagOverride = '', imageRegistryOverride = '' } = settings;
  const { job, warnings } = renderJob({
    entry: { ...entry, image: imageOf(entry, settings) },
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
    // A validator gets forwarded variables from the request, never from the worker's own environment.
    processEnv: forwardedEnvironment(forward),
  });
  const marks = { ...run.marks, validator: entry.name, attempt };
  return { job: decorate(withSecretRefs(job, forward), marks, anchor), warnings };
}

/** The image that runs: the catalog's image after AICR's rules for version, commit and overrides. */
export function imageOf({ image }: ValidatorEntry, settings: JobSettings): string {
  const { cliVersion: version = '', cliCommit: commit = '' } = settings;
  const { imageTagOverride: tagOverride = '', imageRegistryOverride: registryOverride = '' } = settings;
  return resolveImage(image, { version, commit, tagOverride, registryOverride });
}
