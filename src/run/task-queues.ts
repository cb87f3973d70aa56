/** The task queue of workflows. */
export const WORKFLOW_QUEUE = 'proctor';

/**
 * The task queues of a cluster's activities. Each has slots of its own, so that a cluster full of waiting Jobs can starve neither the
 * reading of results nor cleanup.
 */
export function clusterQueues(cluster: string): { work: string; wait: string; cleanup: string } {
  const work = `${WORKFLOW_QUEUE}.${cluster}`;
  return { work, wait: `${work}.wait`, cleanup: `${work}.cleanup` };
}
