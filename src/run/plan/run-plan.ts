/**
 * What a run deploys, as data. One function renders a validator's Job for the plan and for the deploy, so that what was looked at is what
 * runs; the plan alone has stand-ins for what is known only once the run has begun.
 */

import type { ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import type { ComponentRef } from '../../aicr/job/affinity.ts';
import { resolveImage } from '../../aicr/job/image.ts';
import { type RenderedJob, renderJob } from '../../aicr/job/manifest.ts';
import { jobNameSuffix, serviceAccountName } from '../../aicr/job/names.ts';
import type { Job } from '../../kubernetes/types.ts';
import { anchorName } from '../anchor.ts';
import { decorate } from '../decorate.ts';
import type { NamedUid, RunScope } from '../scope.ts';
import { boundWarnings, jsonBytes, MAX_PLAN_BYTES } from './budgets.ts';
import { environmentOf, fromSecrets } from './forward.ts';
import type { PhaseSelection } from './selection.ts';
import type { JobSettings, ValidateClusterRequest } from './validate-cluster-request.ts';

/** The first attempt's number; an attempt is a Job of its own. */
export const FIRST_ATTEMPT = 1;

export interface JobInput {
  run: Pick<RunScope, 'namespace' | 'runId' | 'marks'>;
  anchor: NamedUid;
  entry: ValidatorEntry;
  settings: JobSettings;
  attempt: number;
}

/** A validator's Job as the contract renders it, and then what Proctor changes: the token by reference, and `decorate`'s additions. */
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
    // The worker's own environment never reaches a validator: what is forwarded comes with the request.
    processEnv: environmentOf(forward),
  });
  const marks = { ...run.marks, validator: entry.name, attempt };
  return { job: decorate(fromSecrets(job, forward), marks, anchor), warnings };
}

/** The image as it is run: the catalog's, by AICR's rules of version, commit and overrides. */
export function imageOf({ image }: ValidatorEntry, settings: JobSettings): string {
  const { cliVersion: version = '', cliCommit: commit = '' } = settings;
  const { imageTagOverride: tagOverride = '', imageRegistryOverride: registryOverride = '' } = settings;
  return resolveImage(image, { version, commit, tagOverride, registryOverride });
}

/** The part of a request that a validator's Job is rendered from. Of the components only what its affinity may name: it travels with each child. */
export function settingsFor(entry: ValidatorEntry, request: ValidateClusterRequest): JobSettings {
  const named = new Set(entry.dependencyAffinity?.map(({ componentRef }) => componentRef));
  const components = (request.componentRefs ?? []).filter(({ name }) => named.has(name)).map(gatesOnly);
  const settings = {
    cliVersion: request.cliVersion,
    cliCommit: request.cliCommit,
    imagePullSecrets: request.imagePullSecrets,
    tolerations: request.tolerations,
    nodeSelector: request.nodeSelector,
    imageRegistryOverride: request.imageRegistryOverride,
    imageTagOverride: request.imageTagOverride,
    componentRefs: components.length === 0 ? undefined : components,
    forward: request.forward,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as JobSettings;
}

/** Of a component's overrides the two that say whether it is there (`IsEnabled`); the rest are values of a Helm chart. */
function gatesOnly({ name, namespace, overrides = {} }: ComponentRef): ComponentRef {
  const gates = Object.entries(overrides).filter(([key]) => key === 'enabled' || key === 'install');
  return { name, ...(namespace === undefined ? {} : { namespace }), overrides: Object.fromEntries(gates) };
}

/** What a run is going to do, without having done it. */
export interface RunPlan {
  cluster: string;
  namespace: string;
  runId: string;
  /** The ClusterRole that the validators get. */
  clusterRole: string;
  warnings: string[];
  /** The Jobs as they are sent to the API server, in the order of phases and catalog. */
  jobs: Job[];
  /** How many Jobs at the end of the list did not fit into the plan's 512 KiB. */
  omitted: number;
  /** The texts in this plan that stand for something known only once the run has begun, and for what. */
  placeholders: Record<string, string>;
}

const RUN_ID = 'planned-run-id';
const ANCHOR_UID = 'planned-anchor-uid';
const INSTALLATION = 'planned-installation';
const WORKFLOW_ID = 'planned-workflow-id';
const WORKFLOW_RUN_ID = 'planned-workflow-run-id';

const STANDS_FOR: Record<string, string> = {
  [RUN_ID]: "the run's id: UTC time and 16 hex digits; the eight digits that end a Job's name depend on it",
  [ANCHOR_UID]: "the UID of the run's anchor, a ConfigMap",
  [INSTALLATION]: 'the UUID of the Temporal namespace',
  [WORKFLOW_ID]: "the id of the run's workflow",
  [WORKFLOW_RUN_ID]: 'the run id of that workflow, as Temporal gives it',
};

export interface Planned {
  request: ValidateClusterRequest;
  phases: readonly PhaseSelection[];
  warnings: readonly string[];
  /** What is known of the run already; nothing before it has begun. */
  run?: Pick<RunScope, 'runId' | 'marks'>;
  anchor?: NamedUid;
}

/** The plan of a request that has passed preflight, inside its budget. */
export function planRun({ request, phases, warnings, run, anchor }: Planned): RunPlan {
  const namespace = request.namespace ?? DEFAULT_NAMESPACE;
  const runId = run?.runId ?? request.runId ?? RUN_ID;
  const marks = run?.marks ?? {
    installation: INSTALLATION,
    workflowId: WORKFLOW_ID,
    workflowRunId: WORKFLOW_RUN_ID,
  };
  const owner = anchor ?? { name: anchorName(runId), uid: ANCHOR_UID };
  const scope = { namespace, runId, marks };
  const jobs = phases
    .flatMap(({ run: entries }) => entries)
    .map(
      (entry) =>
        planJob({ run: scope, anchor: owner, entry, settings: settingsFor(entry, request), attempt: FIRST_ATTEMPT })
          .job,
    );
  const unknown = [runId, owner.uid, ...Object.values(marks)];
  return withinBudget({
    cluster: request.cluster,
    namespace,
    runId,
    clusterRole: request.clusterRole ?? CLUSTER_ADMIN_ROLE,
    warnings: boundWarnings(warnings),
    jobs,
    omitted: 0,
    placeholders: Object.fromEntries(Object.entries(STANDS_FOR).filter(([text]) => unknown.includes(text))),
  });
}

/** Room for the comma between two Jobs, and for the digits of `omitted`. */
const COMMA = 1;
const DIGITS = 8;

function withinBudget(plan: RunPlan): RunPlan {
  let left = MAX_PLAN_BYTES - jsonBytes({ ...plan, jobs: [] }) - DIGITS;
  const over = plan.jobs.findIndex((job) => {
    left -= jsonBytes(job) + COMMA;
    return left < 0;
  });
  return over < 0 ? plan : { ...plan, jobs: plan.jobs.slice(0, over), omitted: plan.jobs.length - over };
}
