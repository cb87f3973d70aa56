import { conditionOf, haveContainersEnded, terminatedState } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';

/**
 * Whether the validator of this pod ended by itself, so that its exit code is a verdict: before the pod's deletion was asked for,
 * without a disruption, and not by its kubelet. A validator that handles SIGTERM and exits 0 leaves a Job that says Complete (measured), so
 * neither the Job's condition nor the exit code can tell.
 */
export function endedOnItsOwn(pod: Pod): boolean {
  const terminated = terminatedState(pod);
  if (terminated === undefined || endByKubelet(pod) !== undefined) return false;
  if (isDisrupted(pod)) return false;
  if (pod.metadata.deletionTimestamp === undefined) return true;
  return Date.parse(String(terminated.finishedAt)) < deletionAskedMs(pod);
}

/**
 * Why the kubelet ended a pod that nobody deleted: `Evicted`, or `DeadlineExceeded` (the pod's own `activeDeadlineSeconds`), or a refusal. A
 * pod whose containers ended by themselves has no reason, whatever their exit codes (measured on 1.34).
 */
export function endByKubelet(pod: Pod): string | undefined {
  const { status } = pod;
  if (status?.phase === 'Failed' && status.reason !== undefined)
    return [status.reason, status.message].filter(Boolean).join(': ');
  return wasRefusedRunning(pod) ? 'its kubelet was started anew and refused the pod, which was running' : undefined;
}

/**
 * Whether a verdict may yet turn out to be none: every container has ended, and the kubelet has not said how the pod did. That, and the
 * condition of an eviction, it says only once its sandbox has gone too, which takes long where its network is in trouble
 * (`mergePodStatus` in 1.34's kubelet); until then an evicted validator looks like one that ended by itself.
 */
export function mayStillBeInvalidated(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return (phase === 'Running' || phase === 'Pending') && haveContainersEnded(pod);
}

/** Whether nothing more is to be heard of a pod's validator: a pod without a container of that name, or that was refused, ends too. */
export function hasEnded(pod: Pod): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  return terminatedState(pod) !== undefined && !mayStillBeInvalidated(pod);
}

/** Whether the kubelet, and nobody else, ended this pod. */
export function wasEndedByKubelet(pod: Pod): boolean {
  return endByKubelet(pod) !== undefined || conditionOf(pod, 'DisruptionTarget')?.reason === 'TerminationByKubelet';
}

/**
 * Whether its kubelet, started anew, refused this pod though its validator was running: a device plugin was not there yet, or another pod had
 * its place. Measured on 1.34: that takes all of the kubelet's conditions and containers off the pod, then its containers are killed, and
 * what is written of those that answer SIGTERM with 0 is Succeeded, without a reason. Only the conditions are younger than the container
 * then: both of these, since one alone may be by clocks that differ, or by a sidecar.
 */
function wasRefusedRunning(pod: Pod): boolean {
  const startedMs = Date.parse(terminatedState(pod)?.startedAt ?? '');
  // Neither without a start, nor with the year 1970 that containerd gives a command that it could not start.
  if (!(startedMs > 0)) return false;
  return ['PodScheduled', 'Initialized'].every(
    (type) => Date.parse(conditionOf(pod, type)?.lastTransitionTime ?? '') > startedMs,
  );
}

/**
 * Whether its kubelet may have evicted this pod and not say so. Measured on 1.34: a pod that uses more local storage than it may, and
 * whose containers answer SIGTERM with 0, is Succeeded; only an event tells. Every other eviction leaves a condition, and every other exit
 * code a reason.
 */
export function mayHideEviction(pod: Pod): boolean {
  const { volumes = [], containers = [], initContainers = [] } = pod.spec ?? {};
  const bounded =
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    [...containers, ...initContainers].some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined);
  return bounded && endedOnItsOwn(pod);
}

/** The pod as its kubelet would have left it, had a container not ended with 0. */
export function evictedPod(pod: Pod, message: string): Pod {
  return { ...pod, status: { ...pod.status, phase: 'Failed', reason: 'Evicted', message } };
}

/**
 * When a pod's deletion was asked for: its deletionTimestamp is that plus the grace it was given. Kubernetes keeps whole seconds. NaN
 * where that cannot be told any more: the kubelet, once the containers have ended, asks again, with a grace of 0, and the deletionTimestamp
 * is from then on when it did so (measured on 1.34).
 */
function deletionAskedMs({ metadata }: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionGracePeriodSeconds === 0) return Number.NaN;
  return Date.parse(String(deletionTimestamp)) - deletionGracePeriodSeconds * 1000;
}

/** Whether somebody was already taking this pod away, so that how its validator ended after that is no verdict. */
export function isBeingRemoved(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isDisrupted(pod);
}

function isDisrupted(pod: Pod): boolean {
  return conditionOf(pod, 'DisruptionTarget') !== undefined;
}

/** The pod of a Job that says most about how it ended: one whose verdict was seen, else the youngest. */
export function resultPodOf(pods: readonly Pod[]): Pod | undefined {
  const byAge = [...pods].sort((a, b) => created(b) - created(a));
  return byAge.find(endedOnItsOwn) ?? byAge[0];
}

function created({ metadata }: Pod): number {
  return metadata.creationTimestamp === undefined ? 0 : Date.parse(metadata.creationTimestamp);
}
