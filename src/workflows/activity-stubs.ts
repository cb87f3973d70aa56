import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { clusterQueues } from '../run/task-queues.ts';

/**
 * Which activity runs on which of a cluster's queues, and how long each may take and how it is tried again. No attempt is the last: what
 * cannot succeed says so itself (a non-retryable failure), and all else is trouble with the cluster that will pass, and that a person sees
 * in the pending activity until then.
 */
const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** One or a few calls. Short, since a task that was started and never reached the worker comes back only after this (measured under load). */
const SHORT: ActivityOptions = { startToCloseTimeout: '15s', retry: RETRY };
/** Reads a log or results, heartbeating. */
const READING: ActivityOptions = { startToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: RETRY };
/** Waits for objects to go, heartbeating. */
const GOING: ActivityOptions = { startToCloseTimeout: '10m', heartbeatTimeout: '30s', retry: RETRY };

/** How long a run waits for any worker to take its first activity before it says that nobody serves its cluster. */
export const UNSERVED_AFTER = '30s';

/** The activities of a cluster, each with a summary for the Web UI's timeline. */
export function activitiesOn(cluster: string) {
  const queues = clusterQueues(cluster);
  const on = (taskQueue: string, options: ActivityOptions) => {
    return (summary: string, more: ActivityOptions = {}) =>
      proxyActivities<Activities>({ ...options, ...more, taskQueue, summary });
  };
  return {
    /** Short work. */
    work: on(queues.work, SHORT),
    /** Reading logs and results. */
    read: on(queues.work, READING),
    /** Waiting for a Job: its own clock ends it, its heartbeat says whether it lives. */
    wait: on(queues.wait, { heartbeatTimeout: '30s', retry: RETRY }),
    /** Short cleanup work. */
    cleanup: on(queues.cleanup, SHORT),
    /** Waiting until what was deleted is gone. */
    gone: on(queues.cleanup, GOING),
  };
}

export type ClusterActivities = ReturnType<typeof activitiesOn>;
