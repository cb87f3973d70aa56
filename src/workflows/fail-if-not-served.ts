import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { WORKER_PICKUP_TIMEOUT } from './activity-stubs.ts';

/**
 * Runs the first activity of a workflow, and fails the workflow if no worker polls the activity's task queue. Without
 * this check, a workflow for a cluster that no worker serves would wait indefinitely and say nothing.
 * @param work schedules the activity with {@link WORKER_PICKUP_TIMEOUT} as its schedule-to-start timeout.
 * @throws ApplicationFailure `ClusterNotServed`, non-retryable.
 */
export async function failIfNotServed<T>(cluster: string, queue: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wasNeverStarted(error) ? clusterNotServed(cluster, queue) : error;
  }
}

function wasNeverStarted(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

function clusterNotServed(cluster: string, queue: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `no worker serves cluster ${cluster}: no worker took a task from queue ${queue} within ${WORKER_PICKUP_TIMEOUT}. ` +
      'Start a worker that serves it, or correct request.cluster',
    'ClusterNotServed',
  );
}
