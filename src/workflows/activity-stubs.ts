import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { ActivitiesOn } from '../activities/index.ts';
import type { ActivityQueue } from '../run/activity-queues.ts';
import { clusterQueues } from '../run/task-queues.ts';

/**
 * Activities retry indefinitely. An activity marks its own failure non-retryable if a retry cannot succeed. Any other
 * failure may pass; until then, the Web UI shows it with the pending activity.
 */
const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/**
 * For a few API calls. Short, since a task that is lost on its way to the worker is retried only after this (measured
 * under load).
 */
const SHORT: ActivityOptions = { startToCloseTimeout: '15s', retry: RETRY };
/** For reading logs and results; heartbeats. */
const READING: ActivityOptions = { startToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: RETRY };
/** For waiting until deleted objects are gone; heartbeats. */
const WAITING_FOR_DELETION: ActivityOptions = { startToCloseTimeout: '10m', heartbeatTimeout: '30s', retry: RETRY };

/**
 * How long the first activity of a workflow may stay on its task queue before the workflow fails with
 * `ClusterNotServed`.
 */
export const WORKER_PICKUP_TIMEOUT = '30s';

/**
 * The activities of a cluster by kind: each kind has its task queue, timeouts and retry policy. The summary is shown
 * in the Web UI's timeline.
 */
export function activitiesOn(cluster: string) {
  const queues = clusterQueues(cluster);
  const stubs = <Queue extends ActivityQueue>(queue: Queue, options: ActivityOptions) => {
    return (summary: string, more: ActivityOptions = {}) =>
      proxyActivities<ActivitiesOn<Queue>>({ ...options, ...more, taskQueue: queues[queue], summary });
  };
  return {
    /** Short work. */
    work: stubs('work', SHORT),
    /** Reading logs and results. */
    read: stubs('work', READING),
    /** Waiting for a Job. The caller sets the start-to-close timeout. */
    wait: stubs('wait', { heartbeatTimeout: '30s', retry: RETRY }),
    /** Short cleanup work. */
    cleanup: stubs('cleanup', SHORT),
    /** Waiting until deleted objects are gone. */
    gone: stubs('cleanup', WAITING_FOR_DELETION),
  };
}

export type ClusterActivities = ReturnType<typeof activitiesOn>;
