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
 * The pod to read a result from: one whose verdict the wait has seen, and it is not asked for again collectFaults its kubelet had not said its last
 * word; else what the API server has now. Undefined where every pod is gone, or is being deleted and has no verdict.
 */
export async function selectResultPod(
  cluster: Cluster,
  input: ReadResultInput,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const seen = input.ending.pod;
  const verdict = seen !== undefined && endedOnItsOwn(seen) ? seen : undefined;
  const isSettled = verdict !== undefined && !mayStillBeInvalidated(verdict);
  const pod = isSettled ? verdict : ((await listedPod(cluster, input, signal)) ?? verdict);
  return pod !== undefined && mayHideEviction(pod) ? unhidden(cluster, pod, signal) : pod;
}

async function listedPod(
  cluster: Cluster,
  { run, job }: ReadResultInput,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const pods = await listPodsOf(cluster, run.namespace, job, signal);
  return pods.find(endedOnItsOwn) ?? choosePod(pods);
}

/** The pods of a Job, as the API server has them now. */
export async function listPodsOf(
  cluster: Cluster,
  namespace: string,
  job: NamedUid,
  signal: AbortSignal,
): Promise<Pod[]> {
  const labelSelector = `${CONTROLLER_UID_LABEL}=${job.uid}`;
  return (await cluster.api.list<Pod>(PODS, { namespace, labelSelector }, signal)).items;
}

/** The kubelet tells of an eviction before it begins with it, so the event is there before the pod has ended. */
async function unhidden(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<Pod> {
  const { namespace = '', uid = '' } = pod.metadata;
  // Asked for by its reason: it is the last of a pod's events, of which there may be more than are listed.
  const [eviction] = await eventsOf(cluster.api, namespace, uid, signal, 'Evicted');
  return eviction === undefined ? pod : evictedPod(pod, eviction.message);
}
