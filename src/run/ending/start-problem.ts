import { conditionOf, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { type Finding, finding } from './cause.ts';

/** The kubelet's reasons for a container that waits because its image cannot be pulled. */
const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
/** The kubelet's reasons for a container that it cannot create from the pod's spec. */
const CONFIG_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CreatePodSandboxError',
]);

/** Why a pod that has not started is waiting, or why it will never start; undefined if it is starting normally. */
export function startProblemOf(pod: Pod): Finding | undefined {
  return failedInitContainer(pod) ?? refusedAdmission(pod) ?? waitingContainer(pod) ?? missingNode(pod);
}

function failedInitContainer(pod: Pod): Finding | undefined {
  const failed = pod.status?.initContainerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed === undefined) return undefined;
  const { exitCode, message } = failed.state?.terminated ?? {};
  return finding(
    'init-failed',
    `init container ${failed.name} ended with exit code ${exitCode}${message ? `: ${message}` : ''}`,
  );
}

/**
 * A pod that failed before its kubelet created a container: `UnexpectedAdmissionError`, `OutOfcpu`, `NodeAffinity`, …
 */
function refusedAdmission({ status }: Pod): Finding | undefined {
  if (status?.phase !== 'Failed' || (status.containerStatuses?.length ?? 0) > 0) return undefined;
  return finding('admission-refused', [status.reason, status.message].filter(Boolean).join(': '));
}

function waitingContainer(pod: Pod): Finding | undefined {
  const { reason = '', message } = validatorStatus(pod)?.state?.waiting ?? {};
  const evidence = message ?? reason;
  if (IMAGE_REASONS.has(reason)) return finding('image-pull', evidence);
  if (CONFIG_REASONS.has(reason)) return finding('config-error', evidence);
  return undefined;
}

function missingNode(pod: Pod): Finding | undefined {
  const unscheduled = conditionOf(pod, 'PodScheduled', 'False');
  if (unscheduled === undefined) return undefined;
  return finding(unscheduled.reason === 'SchedulingGated' ? 'queued' : 'unschedulable', unscheduled.message);
}
