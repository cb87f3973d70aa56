import type { Pod } from '../../kubernetes/types.ts';
import { endedOnItsOwn } from './verdict.ts';

/**
 * Whether the kubelet may have evicted this pod without a trace in its status. Measured on Kubernetes 1.34: if a pod
 * exceeds its local storage and its containers answer SIGTERM with 0, the pod becomes Succeeded, and only an event
 * reports the eviction. All other evictions leave a condition, and all other exit codes a reason.
 */
export function mayHideEviction(pod: Pod): boolean {
  const { volumes = [], containers = [], initContainers = [] } = pod.spec ?? {};
  const isStorageLimited =
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    [...containers, ...initContainers].some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined);
  return isStorageLimited && endedOnItsOwn(pod);
}

/** A copy of the pod with the status that the kubelet writes if an evicted container exits with a code other than 0. */
export function evictedPod(pod: Pod, message: string): Pod {
  return { ...pod, status: { ...pod.status, phase: 'Failed', reason: 'Evicted', message } };
}
