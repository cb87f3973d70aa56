import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { Preflight } from '../activities/preflight.ts';
import { parseCatalog } from '../aicr/catalog/catalog.ts';
import { dependencyPods } from '../aicr/job/dependency-pods.ts';
import type { Fault } from '../run/fault.ts';
import { boundFaults } from '../run/plan/budgets.ts';
import { describeFaults } from '../run/plan/check-request.ts';
import { type PhaseSelection, selectValidators } from '../run/plan/selection.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import { clusterQueues } from '../run/task-queues.ts';
import { type ClusterActivities, UNSERVED_AFTER } from './activity-stubs.ts';

/** Ends the workflow with all that is wrong with its request. */
export function refuse(faults: Fault[]): void {
  if (faults.length === 0) return;
  const message = describeFaults(faults, ', and nothing was created');
  throw ApplicationFailure.nonRetryable(message, 'InvalidRequest', boundFaults(faults));
}

/**
 * What a request comes to in view of its catalogs and of the worker's policy and configuration; refuses it with everything that is wrong.
 * The request comes back with the namespace that the worker's configuration gives it, where it names none.
 */
export async function examined(
  request: ValidateClusterRequest,
  activities: ClusterActivities,
  { lookForTexts }: { lookForTexts: boolean },
): Promise<{ request: ValidateClusterRequest; phases: PhaseSelection[]; warnings: string[] }> {
  const { examineRequest } = activities.work('request, catalog and policy', { scheduleToStartTimeout: UNSERVED_AFTER });
  const { faults, warnings, catalog, namespace } = await served(
    request.cluster,
    clusterQueues(request.cluster).work,
    () => examineRequest({ version: 1, request: withoutInlineTexts(request), lookForTexts }),
  );
  refuse(faults);
  const inline = 'inline' in request.catalog ? request.catalog.inline : undefined;
  return {
    request: { ...request, ...(namespace !== undefined && { namespace }) },
    phases: selectValidators(catalog ?? parseCatalog(inline), request),
    warnings,
  };
}

/** Which cluster this is, that it is one to run on, and what the validators are to run near and would not find there. */
export function identified(
  { cluster, componentRefs = [] }: ValidateClusterRequest,
  phases: readonly PhaseSelection[],
  activities: ClusterActivities,
): Promise<Preflight> {
  const { preflight } = activities.work(`preflight of ${cluster}`, { scheduleToStartTimeout: UNSERVED_AFTER });
  const entries = phases.flatMap(({ run }) => run);
  const dependencies = dependencyPods(entries, componentRefs);
  return served(cluster, clusterQueues(cluster).work, () =>
    preflight({ version: 1, cluster, ...(dependencies.length > 0 && { dependencies }) }),
  );
}

/** An inline text has been checked already, and once in the history is enough. */
function withoutInlineTexts(request: ValidateClusterRequest): ValidateClusterRequest {
  const { snapshot, validation, ...rest } = request;
  return {
    ...rest,
    ...(snapshot !== undefined && !('inline' in snapshot) && { snapshot }),
    ...(validation !== undefined && !('inline' in validation) && { validation }),
  };
}

/** Ends the workflow where nobody takes the first activity of a cluster's queue: it would wait in silence for ever. */
export async function served<T>(cluster: string, queue: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnserved(error) ? notServed(cluster, queue) : error;
  }
}

function isUnserved(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

function notServed(cluster: string, queue: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `no worker serves cluster ${cluster}: nobody took a task from queue ${queue} within ${UNSERVED_AFTER}. Start a worker that serves it, or correct request.cluster`,
    'ClusterNotServed',
  );
}
