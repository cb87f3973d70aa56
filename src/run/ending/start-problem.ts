import { conditionOf, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
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
