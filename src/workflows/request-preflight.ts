import { ApplicationFailure, uuid4, workflowInfo } from '@temporalio/workflow';
import type { Preflight } from '../activities/preflight.ts';
import { parseCatalog } from '../aicr/catalog/catalog.ts';
import { DEFAULT_NAMESPACE } from '../aicr/constants.ts';
import { dependencyPods } from '../aicr/job/dependency-pods.ts';
import { runId } from '../aicr/job/names.ts';
import type { Fault } from '../run/fault.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../run/ids.ts';
import { describeFaults } from '../run/plan/invalid-request.ts';
import { boundFaults } from '../run/plan/review.ts';
import type { Planned } from '../run/plan/run-plan.ts';
import { type PhaseSelection, selectValidators } from '../run/plan/selection.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import type { RunScope } from '../run/scope.ts';
import { clusterQueues } from '../run/task-queues.ts';
import { type ClusterActivities, WORKER_PICKUP_TIMEOUT } from './activity-stubs.ts';
import { failIfNotServed } from './fail-if-not-served.ts';

/**
 * Fails the workflow with every fault of its request, if there are any.
 * @param consequence what follows from the faults.
 */
export function throwIfInvalid(faults: Fault[], consequence = 'nothing was created'): void {
  if (faults.length === 0) return;
  const message = describeFaults('the request', faults, `, and ${consequence}`);
  throw ApplicationFailure.nonRetryable(message, 'InvalidRequest', boundFaults(faults));
}

/** A request that the worker has accepted, and what follows from it. */
export interface ResolvedRequest {
  /** The request; if it names no namespace, with the one from the worker's configuration of the cluster. */
  request: ValidateClusterRequest;
  phases: PhaseSelection[];
  warnings: string[];
}

/** A run that has passed preflight. The `anchor` is set when it has been created. */
export interface CheckedRun extends Planned, ResolvedRequest {
  phases: PhaseSelection[];
  warnings: string[];
  run: RunScope;
  /** Whether Proctor's search attributes are registered on the Temporal server. */
  searchAttributes: boolean;
}

/**
 * Checks a request against its catalogs and the worker's policy and configuration, and selects the validators to run.
 * @param lookForTexts whether the snapshot and validation that the request refers to must exist.
 * @throws ApplicationFailure `InvalidRequest` with every fault.
 */
export async function resolveRequest(
  request: ValidateClusterRequest,
  activities: ClusterActivities,
  { lookForTexts }: { lookForTexts: boolean },
): Promise<ResolvedRequest> {
  const { examineRequest } = activities.work('check request, catalog and policy', {
    scheduleToStartTimeout: WORKER_PICKUP_TIMEOUT,
  });
  const { faults, warnings, catalog, namespace } = await failIfNotServed(
    request.cluster,
    clusterQueues(request.cluster).work,
    () => examineRequest({ version: 1, request: withoutInlineTexts(request), lookForTexts }),
  );
  throwIfInvalid(faults);
  const inline = 'inline' in request.catalog ? request.catalog.inline : undefined;
  return {
    request: { ...request, ...(namespace !== undefined && { namespace }) },
    phases: selectValidators(catalog ?? parseCatalog(inline), request),
    warnings,
  };
}

/** Checks the request and the cluster before anything is created, and gives the run its id and scope. */
export async function preflightRun(given: ValidateClusterRequest, activities: ClusterActivities): Promise<CheckedRun> {
  const { request, phases, warnings } = await resolveRequest(given, activities, { lookForTexts: true });
  const cluster = await preflightCluster(request, phases, activities);
  return {
    request,
    phases,
    warnings: [...warnings, ...(cluster.warnings ?? [])],
    run: runScope(cluster, request),
    searchAttributes: cluster.searchAttributes === true,
  };
}

/** Identifies the cluster, checks that its version is supported, and warns of dependencies that have no pods there. */
function preflightCluster(
  { cluster, componentRefs = [] }: ValidateClusterRequest,
  phases: readonly PhaseSelection[],
  activities: ClusterActivities,
): Promise<Preflight> {
  const { preflight } = activities.work(`preflight of ${cluster}`, { scheduleToStartTimeout: WORKER_PICKUP_TIMEOUT });
  const entries = phases.flatMap(({ run }) => run);
  const dependencies = dependencyPods(entries, componentRefs);
  return failIfNotServed(cluster, clusterQueues(cluster).work, () =>
    preflight({ version: 1, cluster, ...(dependencies.length > 0 && { dependencies }) }),
  );
}

function runScope({ cluster, installation }: Preflight, { namespace, runId: id }: ValidateClusterRequest): RunScope {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return {
    cluster,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    runId: asRunId(id ?? runId(Date.now(), uuid4().replaceAll('-', '').slice(0, 16))),
    marks: {
      installation,
      workflowId: asWorkflowId(workflowId),
      workflowRunId: asFirstRunId(firstExecutionRunId),
    },
  };
}

/** `checkRequest` has checked the inline texts, and the history holds them in the workflow's input already. */
function withoutInlineTexts(request: ValidateClusterRequest): ValidateClusterRequest {
  const { snapshot, validation, ...rest } = request;
  return {
    ...rest,
    ...(snapshot !== undefined && !('inline' in snapshot) && { snapshot }),
    ...(validation !== undefined && !('inline' in validation) && { validation }),
  };
}
