import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import type { Job } from '../../kubernetes/types.ts';
import { anchorName } from '../anchor.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../ids.ts';
import type { NamedUid, RunScope } from '../scope.ts';
import { jsonBytes, MAX_PLAN_BYTES } from './budgets.ts';
import { settingsFor } from './job-settings.ts';
import { FIRST_ATTEMPT, planJob } from './plan-job.ts';
import { boundWarnings } from './review.ts';
import type { PhaseSelection } from './selection.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

/** The Jobs that a run would create, as data. */
export interface RunPlan {
  cluster: string;
  namespace: string;
  runId: string;
  /** The ClusterRole that the validators' ServiceAccount is bound to. */
  clusterRole: string;
  warnings: string[];
  /** The Jobs as they are sent to the API server, in the order of the phases and the catalog. */
  jobs: Job[];
  /** How many Jobs at the end of the list did not fit into the plan's 512 KiB. */
  omitted: number;
  /** The placeholders in this plan for values that are not known before the run begins, and what each stands for. */
  placeholders: Record<string, string>;
}

const RUN_ID = asRunId('planned-run-id');
const ANCHOR_UID = 'planned-anchor-uid';
const INSTALLATION = 'planned-installation';
const WORKFLOW_ID = asWorkflowId('planned-workflow-id');
const WORKFLOW_RUN_ID = asFirstRunId('planned-workflow-run-id');

const STANDS_FOR: Record<string, string> = {
  [RUN_ID]: "the run's id: UTC time and 16 hex digits; the eight digits that end a Job's name depend on it",
  [ANCHOR_UID]: "the UID of the run's anchor, a ConfigMap",
  [INSTALLATION]: 'the UUID of the Temporal namespace',
  [WORKFLOW_ID]: "the id of the run's workflow",
  [WORKFLOW_RUN_ID]: 'the first run id of that workflow, which Temporal assigns',
};

export interface Planned {
  request: ValidateClusterRequest;
  phases: readonly PhaseSelection[];
  warnings: readonly string[];
  /** Undefined before the run has begun. */
  run?: Pick<RunScope, 'runId' | 'marks'>;
  anchor?: NamedUid;
}

/** The plan of a request that has passed preflight, cut to at most 512 KiB. */
export function planRun({ request, phases, warnings, run, anchor }: Planned): RunPlan {
  const namespace = request.namespace ?? DEFAULT_NAMESPACE;
  const runId = run?.runId ?? (request.runId === undefined ? RUN_ID : asRunId(request.runId));
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

/** Bytes reserved for the comma between two Jobs, and for the digits of `omitted`. */
const COMMA_BYTES = 1;
const DIGITS_BYTES = 8;

function withinBudget(plan: RunPlan): RunPlan {
  let left = MAX_PLAN_BYTES - jsonBytes({ ...plan, jobs: [] }) - DIGITS_BYTES;
  const firstOmitted = plan.jobs.findIndex((job) => {
    left -= jsonBytes(job) + COMMA_BYTES;
    return left < 0;
  });
  return firstOmitted < 0
    ? plan
    : { ...plan, jobs: plan.jobs.slice(0, firstOmitted), omitted: plan.jobs.length - firstOmitted };
}
