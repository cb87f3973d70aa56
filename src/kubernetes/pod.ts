/** Reads the status of one pod, as the kubelet, the scheduler and the container runtime write it. */
import type { Condition, ContainerState, ContainerStatus, Pod } from './types.ts';

/**
 * The container whose result counts: AICR's `ValidatorContainerName`, a frozen part of the contract. Results are read
 * from no other container.
 */
export const VALIDATOR_CONTAINER_NAME = 'validator';

/** The kubelet's reason for a container that it cannot find. */
export const CONTAINER_UNKNOWN = 'ContainerStatusUnknown';
/**
 * Reasons for a container whose end is unknown: the kubelet's, and containerd's for a container that was running before
 * its node rebooted (exit code 255, measured with containerd 1.6).
 */
export const UNKNOWN_REASONS: ReadonlySet<string> = new Set([CONTAINER_UNKNOWN, 'Unknown']);
/** The container runtime's reasons for a command that it could not start (exit code 128). */
export const START_REASONS: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

/**
 * The runtime's message for a container that was abandoned while it was being created, because the kubelet or the
 * runtime stopped. Its command never ran. Seen after a kubelet was killed: `failed to create containerd task: failed to
 * create shim task: context canceled`.
 */
const ABANDONED_START = /failed to create (containerd|shim) task: .*context (canceled|deadline exceeded)/;

export type Terminated = NonNullable<ContainerState['terminated']>;

/** The pod's condition of this type, if it has this status. */
export function conditionOf(
  pod: Pod | undefined,
  type: string,
  value: Condition['status'] = 'True',
): Condition | undefined {
  return pod?.status?.conditions?.find((condition) => condition.type === type && condition.status === value);
}

/** The status of the container named `validator`; sidecars beside it are ignored. */
export function validatorStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === VALIDATOR_CONTAINER_NAME);
}

/** How the container named `validator` ended; undefined if it has not ended. */
export function terminatedState(pod: Pod): Terminated | undefined {
  return validatorStatus(pod)?.state?.terminated;
}

/** Whether all containers of the pod have ended. A sidecar that keeps running keeps its pod and its Job open. */
export function haveContainersEnded({ status }: Pod): boolean {
  const { containerStatuses = [] } = status ?? {};
  return containerStatuses.length > 0 && containerStatuses.every(({ state }) => state?.terminated !== undefined);
}

/** Whether the validator's container may have started: false only if it provably has not. */
export function hasStarted(pod: Pod): boolean {
  const status = validatorStatus(pod);
  if (status === undefined) return false;
  const { state, lastState, restartCount } = status;
  return hasRun(state) || hasRun(lastState) || (restartCount ?? 0) > 0;
}

function hasRun(state: ContainerStatus['state']): boolean {
  if (state?.running !== undefined) return true;
  if (state?.terminated === undefined) return false;
  const { startedAt, reason, message = '' } = state.terminated;
  // Not a proof that the container never ran: a runtime that lost its data reports the same state.
  return reason === CONTAINER_UNKNOWN || (startedAt != null && !isAbandonedStart(message));
}

/** Whether a runtime's message says that the container was abandoned before its command ran. */
export function isAbandonedStart(message: string): boolean {
  return ABANDONED_START.test(message);
}

/**
 * Whether the validator's container was most likely never created. When such a pod is deleted, the kubelet writes exit
 * code 137 without a start time (measured on Kubernetes 1.34).
 */
export function wasNeverCreated(pod: Pod): boolean {
  const { state, lastState, restartCount = 0 } = validatorStatus(pod) ?? {};
  const { reason, startedAt } = state?.terminated ?? {};
  return reason === CONTAINER_UNKNOWN && startedAt == null && !hasRun(lastState) && restartCount === 0;
}

/** Why the pod has no node yet: the scheduler's message; undefined if the scheduler has not failed. */
export function unschedulableMessage(pod: Pod | undefined): string | undefined {
  return conditionOf(pod, 'PodScheduled', 'False')?.message;
}
