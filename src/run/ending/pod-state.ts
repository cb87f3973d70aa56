import { validatorStatus } from '../../aicr/result/validator-result.ts';
import type { Condition, ContainerStatus, Pod } from '../../kubernetes/types.ts';
import { type Cause, type Finding, finding } from './cause.ts';

/** What a pod's status says of its validator, in the words of the kubelet and the scheduler. Pure readings of one object. */

/** Reasons of the kubelet for a container that waits for its image. */
const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
/** Reasons for a container that cannot be made from what the pod names. */
const CONFIG_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CreatePodSandboxError',
]);
/** The kubelet's reason for a container that it does not find. */
export const CONTAINER_UNKNOWN = 'ContainerStatusUnknown';
/**
 * Reasons for a container of whose end nobody knows: the kubelet's, and containerd's for one that it had left running and does not find
 * again, as after a reboot of its node (exit code 255, measured with 1.6).
 */
export const UNKNOWN_REASONS: ReadonlySet<string> = new Set([CONTAINER_UNKNOWN, 'Unknown']);
/** Reasons of the container runtime for a command that it could not start (exit code 128). */
export const START_REASONS: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

/**
 * Texts of a registry, or of the way to it, that may pass: it limits, is slow or broken for the moment. Everything else (not found, access
 * denied, a name that cannot be) stays until a person changes something.
 */
const TRANSIENT_PULL =
  /too many requests|toomanyrequests|\b429\b|rate.?limit|timeout|timed out|deadline exceeded|i\/o|connection (refused|reset)|unexpected eof|\b50[0234]\b|service unavailable|bad gateway|pull QPS exceeded/i;
const FINAL_PULL = /not found|no such host|unauthorized|denied|forbidden|authentication required|invalid reference/i;

export function isTransientPull(message: string): boolean {
  return TRANSIENT_PULL.test(message) && !FINAL_PULL.test(message);
}

/**
 * A container that was given up while it was being made, since the kubelet or the runtime was stopped meanwhile: its command has not run, and it
 * is nobody's fault (`failed to create containerd task: failed to create shim task: context canceled`, seen with a kubelet that was killed).
 */
const START_GIVEN_UP = /failed to create (containerd|shim) task: .*context (canceled|deadline exceeded)/;

export function isGivenUpStart(message: string): boolean {
  return START_GIVEN_UP.test(message);
}

/** Whether the validator's container may have started: false only where it provably has not. */
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
  // A runtime that lost its data leaves the same as a container that was never made.
  return reason === CONTAINER_UNKNOWN || (startedAt != null && !isGivenUpStart(message));
}

/**
 * Whether the validator's container was most likely never made. The kubelet then writes an exit code of 137, without a start, once the pod
 * has been deleted (measured on 1.34).
 */
export function wasNeverMade(pod: Pod): boolean {
  const { state, lastState, restartCount = 0 } = validatorStatus(pod) ?? {};
  const { reason, startedAt } = state?.terminated ?? {};
  return reason === CONTAINER_UNKNOWN && startedAt == null && !hasRun(lastState) && restartCount === 0;
}

/** The disruption that Kubernetes itself announced for the pod, if any (reasons of the Kubernetes documentation on pod disruptions). */
export function disruptionOf(pod: Pod): Finding | undefined {
  const target = conditionOf(pod, 'DisruptionTarget');
  if (target === undefined)
    return pod.status?.reason === 'Evicted' ? finding('evicted', pod.status.message) : undefined;
  const causes: Record<string, Cause> = { PreemptionByScheduler: 'preempted', DeletionByPodGC: 'node-lost' };
  return finding(causes[target.reason ?? ''] ?? 'evicted', target.message);
}

/** Why a pod that has not started waits, or why it never will; undefined while it is simply on its way. */
export function troubleOf(pod: Pod): Finding | undefined {
  return initTrouble(pod) ?? refusal(pod) ?? waitingTrouble(pod) ?? schedulingTrouble(pod);
}

function initTrouble(pod: Pod): Finding | undefined {
  const failed = pod.status?.initContainerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed === undefined) return undefined;
  const { exitCode, message } = failed.state?.terminated ?? {};
  return finding(
    'init-failed',
    `init container ${failed.name} ended with exit code ${exitCode}${message ? `: ${message}` : ''}`,
  );
}

/** A pod that failed before its kubelet made any container: `UnexpectedAdmissionError`, `OutOfcpu`, `NodeAffinity`, … */
function refusal({ status }: Pod): Finding | undefined {
  if (status?.phase !== 'Failed' || (status.containerStatuses?.length ?? 0) > 0) return undefined;
  return finding('admission-refused', [status.reason, status.message].filter(Boolean).join(': '));
}

function waitingTrouble(pod: Pod): Finding | undefined {
  const { reason = '', message } = validatorStatus(pod)?.state?.waiting ?? {};
  const evidence = message ?? reason;
  if (IMAGE_REASONS.has(reason)) return finding('image-pull', evidence);
  if (CONFIG_REASONS.has(reason)) return finding('config-error', evidence);
  return undefined;
}

function schedulingTrouble(pod: Pod): Finding | undefined {
  const unscheduled = conditionOf(pod, 'PodScheduled', 'False');
  if (unscheduled === undefined) return undefined;
  return finding(unscheduled.reason === 'SchedulingGated' ? 'queued' : 'unschedulable', unscheduled.message);
}

export function conditionOf(
  pod: Pod | undefined,
  type: string,
  value: Condition['status'] = 'True',
): Condition | undefined {
  return pod?.status?.conditions?.find((condition) => condition.type === type && condition.status === value);
}
