import { haveContainersEnded, terminatedState } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { kubeletEndReason } from './kubelet-end.ts';
import { isDisrupted } from './pod-removal.ts';

/**
 * Whether the validator of this pod ended by itself, so that its exit code is a verdict. It did not if
 * - the pod's deletion had been requested before,
 * - Kubernetes had announced a disruption of the pod, or
 * - the kubelet ended the pod.
 *
 * The Job's condition and the exit code cannot answer this: a validator that handles SIGTERM and exits 0 leaves a Job
 * that is Complete (measured on Kubernetes 1.34).
 * Keeps G1.
 */
export function endedOnItsOwn(pod: Pod): boolean {
  const terminated = terminatedState(pod);
  if (terminated === undefined || kubeletEndReason(pod) !== undefined) return false;
  if (isDisrupted(pod)) return false;
  if (pod.metadata.deletionTimestamp === undefined) return true;
  return Date.parse(String(terminated.finishedAt)) < deletionRequestedMs(pod);
}

/**
 * When the pod's deletion was requested: its deletionTimestamp minus its grace period, in whole seconds. NaN if that
 * can no longer be known: after the containers have ended, the kubelet deletes the pod again with a grace period of 0,
 * which overwrites the deletionTimestamp (measured on Kubernetes 1.34).
 */
function deletionRequestedMs({ metadata }: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionGracePeriodSeconds === 0) return Number.NaN;
  return Date.parse(String(deletionTimestamp)) - deletionGracePeriodSeconds * 1000;
}

/**
 * Whether the verdict may still be invalidated: all containers have ended, but the kubelet has not yet reported the
 * pod's final phase. It reports the phase, and the condition of an eviction, only after the sandbox is gone, which
 * takes long if the sandbox's network cannot be torn down (`mergePodStatus` in the kubelet of Kubernetes 1.34). Until
 * then an evicted validator looks like one that ended by itself.
 */
export function mayStillBeInvalidated(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return (phase === 'Running' || phase === 'Pending') && haveContainersEnded(pod);
}

/**
 * Whether the pod's status is final. True also for a pod that was refused or has no container named `validator`, once
 * it has ended.
 */
export function hasEnded(pod: Pod): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  return terminatedState(pod) !== undefined && !mayStillBeInvalidated(pod);
}
