import { choosePod } from '../aicr/result/validator-result.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { eventsOf } from '../cluster/events.ts';
import { PODS } from '../cluster/resources.ts';
import { CONTROLLER_UID_LABEL } from '../kubernetes/job.ts';
import type { Pod } from '../kubernetes/types.ts';
import { evictedPod, mayHideEviction } from '../run/ending/hidden-eviction.ts';
import { endedOnItsOwn, mayStillBeInvalidated } from '../run/ending/verdict.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ReadResultInput } from './store-result.ts';

/**
 * Selects the pod to read the result from: the pod as the wait saw it, if it has a verdict that nothing can invalidate,
 * otherwise the pod as the API server has it now.
 * @returns undefined if every pod is gone, or is being deleted without a verdict.
 */
export async function selectResultPod(
  cluster: Cluster,
  input: ReadResultInput,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const seen = input.ending.pod;
  const verdict = seen !== undefined && endedOnItsOwn(seen) ? seen : undefined;
  const isSettled = verdict !== undefined && !mayStillBeInvalidated(verdict);
  const pod = isSettled ? verdict : ((await currentPod(cluster, input, signal)) ?? verdict);
  return pod !== undefined && mayHideEviction(pod) ? revealEviction(cluster, pod, signal) : pod;
}

async function currentPod(
  cluster: Cluster,
  { run, job }: ReadResultInput,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const pods = await listPodsOf(cluster, run.namespace, job, signal);
  return pods.find(endedOnItsOwn) ?? choosePod(pods);
}

/** Lists the pods of a Job. */
export async function listPodsOf(
  cluster: Cluster,
  namespace: string,
  job: NamedUid,
  signal: AbortSignal,
): Promise<Pod[]> {
  const labelSelector = `${CONTROLLER_UID_LABEL}=${job.uid}`;
  return (await cluster.api.list<Pod>(PODS, { namespace, labelSelector }, signal)).items;
}

/** Finds a hidden eviction by its event, which the kubelet writes before it evicts, so before the pod has ended. */
async function revealEviction(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<Pod> {
  const { namespace = '', uid = '' } = pod.metadata;
  // Selected by reason, because it is the last event of a pod, which may have more events than one list returns.
  const [eviction] = await eventsOf(cluster.api, namespace, uid, signal, 'Evicted');
  return eviction === undefined ? pod : evictedPod(pod, eviction.message);
}
