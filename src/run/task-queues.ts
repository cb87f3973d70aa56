/** The task queue of all workflows. */
export const WORKFLOW_QUEUE = 'proctor';

/**
 * The task queues of a cluster's activities. Each queue has its own slots, so that waits for Jobs cannot keep results
 * from being read or objects from being cleaned up.
 */
export function clusterQueues(cluster: string): { work: string; wait: string; cleanup: string } {
  const work = `${WORKFLOW_QUEUE}.${cluster}`;
  return { work, wait: `${work}.wait`, cleanup: `${work}.cleanup` };
}
