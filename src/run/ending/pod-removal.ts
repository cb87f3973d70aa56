import { conditionOf } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { type Cause, type Finding, finding } from './cause.ts';

/** Whether Kubernetes has announced a disruption of the pod: an eviction, a preemption, a lost node. */
export function isDisrupted(pod: Pod): boolean {
  return conditionOf(pod, 'DisruptionTarget') !== undefined;
}

/**
 * Whether the pod is being deleted or disrupted, so that the exit code of a validator that ends now is not a verdict.
 */
export function isBeingRemoved(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isDisrupted(pod);
}

/**
 * The disruption that Kubernetes announced for the pod; undefined if there is none. The reasons of the condition are
 * listed in the Kubernetes documentation, "Disruptions", "Pod disruption conditions".
 */
export function disruptionOf(pod: Pod): Finding | undefined {
  const target = conditionOf(pod, 'DisruptionTarget');
  if (target === undefined)
    return pod.status?.reason === 'Evicted' ? finding('evicted', pod.status.message) : undefined;
  const causes: Record<string, Cause> = { PreemptionByScheduler: 'preempted', DeletionByPodGC: 'node-lost' };
  return finding(causes[target.reason ?? ''] ?? 'evicted', target.message);
}
