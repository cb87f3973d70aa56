import { conditionOf, terminatedState } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';

/**
 * Why the kubelet ended a pod without a request to delete it; undefined if it did not. The reason is `Evicted`,
 * `DeadlineExceeded` (the pod's own `activeDeadlineSeconds`), or why the kubelet refused the pod. A pod whose
 * containers ended by themselves has no reason, whatever their exit codes (measured on Kubernetes 1.34).
 */
export function kubeletEndReason(pod: Pod): string | undefined {
  const { status } = pod;
  if (status?.phase === 'Failed' && status.reason !== undefined)
    return [status.reason, status.message].filter(Boolean).join(': ');
  return wasRefusedWhileRunning(pod) ? 'its kubelet restarted and refused the pod, which was running' : undefined;
}

/** Whether the kubelet itself ended this pod, as opposed to the API server, the scheduler or a client. */
export function wasEndedByKubelet(pod: Pod): boolean {
  return kubeletEndReason(pod) !== undefined || conditionOf(pod, 'DisruptionTarget')?.reason === 'TerminationByKubelet';
}

/**
 * Whether the kubelet restarted and refused this pod although its validator was running, because a device plugin was
 * not registered yet or another pod had taken its place. Measured on Kubernetes 1.34: the kubelet first removes its
 * conditions and container statuses from the pod, then kills the containers. If they answer SIGTERM with 0, the pod
 * becomes Succeeded without a reason. The only trace is that the pod's conditions are younger than its container. Both
 * conditions must be: a single one may be younger because clocks differ, or because of a sidecar.
 */
function wasRefusedWhileRunning(pod: Pod): boolean {
  const startedMs = Date.parse(terminatedState(pod)?.startedAt ?? '');
  // NaN without a start; 0 or less for the year 1970, which containerd writes for a command that it could not start.
  if (!(startedMs > 0)) return false;
  return ['PodScheduled', 'Initialized'].every(
    (type) => Date.parse(conditionOf(pod, type)?.lastTransitionTime ?? '') > startedMs,
  );
}
