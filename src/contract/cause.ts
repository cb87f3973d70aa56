import type { Ending } from './ending.ts';
import type { Pod } from './kubernetes.ts';
import { validatorStatus } from './result.ts';
import { endedByItself, terminatedState, unscheduled } from './verdict.ts';

/**
 * Why a validator ended as it did: a closed list, beside the contract's own messages.
 *
 * - `completed`: its container ended by itself; the exit code is its verdict.
 * - `deadline`: it was still at work when its time was up. Give it more time, or look for what it waits for.
 * - `never-started`: its container had not started when its time was up. The pod's events say what it waited for.
 * - `image-pull`: its image could not be pulled. Check the name, the tag, and the pull secrets.
 * - `oom`: the kernel killed it for its memory. Raise `resources.memory`, or make it leaner.
 * - `start-error`: the container runtime could not start its command. Check `args` and the image's entrypoint.
 * - `interrupted`: it ended after its deletion had been asked for, so its exit code says nothing.
 * - `job-deleted`: somebody deleted its Job. Proctor does not, before it has the result.
 * - `pod-deleted`: its pod went away before it ended.
 * - `contract-broken`: its pod has no container named `validator`.
 * - `deploy-failed`: its Job could not be created; the message says what the API server refused.
 * - `cancelled`: the run was cancelled before it ended.
 * - `skipped`: it did not run, because the request or an earlier phase said so.
 */
export const CAUSES = [
  'completed',
  'deadline',
  'never-started',
  'image-pull',
  'oom',
  'start-error',
  'interrupted',
  'job-deleted',
  'pod-deleted',
  'contract-broken',
  'deploy-failed',
  'cancelled',
  'skipped',
] as const;

export type Cause = (typeof CAUSES)[number];

/** Reasons of the kubelet for a container that waits for its image. */
const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
/** Reasons of the container runtime for a command that it could not start (exit code 128). */
const START_REASONS = new Set(['StartError', 'ContainerCannotRun']);

/** The cause of an ending that was observed; total. `evidence` is what Kubernetes itself says of it. */
export function causeOf(ending: Ending, pod: Pod | undefined): { cause: Cause; evidence?: string } {
  if (pod !== undefined && terminatedState(pod) !== undefined) return causeOfEnd(pod);
  if (ending.kind === 'job-gone') return { cause: 'job-deleted' };
  if (pod === undefined) return causeWithoutPod(ending);
  const { name, state } = validatorStatus(pod) ?? {};
  const waiting = state?.waiting;
  const evidence = waiting?.message ?? waiting?.reason;
  const told = evidence === undefined ? {} : { evidence };
  if (waiting?.reason !== undefined && IMAGE_REASONS.has(waiting.reason)) return { cause: 'image-pull', ...told };
  if (state?.running !== undefined) return { cause: 'deadline' };
  if (name === undefined && pod.status?.containerStatuses !== undefined) return { cause: 'contract-broken' };
  const without = unscheduled(pod);
  return { cause: 'never-started', ...told, ...(without === undefined ? {} : { evidence: without }) };
}

function causeOfEnd(pod: Pod): { cause: Cause; evidence?: string } {
  const reason = terminatedState(pod)?.reason ?? '';
  if (reason === 'OOMKilled') return { cause: 'oom' };
  if (START_REASONS.has(reason)) return { cause: 'start-error' };
  if (endedByItself(pod)) return { cause: 'completed' };
  const disrupted = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  )?.message;
  return { cause: 'interrupted', evidence: disrupted ?? 'the pod was being deleted when its validator ended' };
}

function causeWithoutPod(ending: Ending): { cause: Cause; evidence?: string } {
  if (ending.kind !== 'terminal') return { cause: 'never-started' };
  const { reason, message } = ending.condition;
  if (exitCodeInCondition(ending) !== undefined) return { cause: 'completed' };
  return {
    cause: reason === 'DeadlineExceeded' ? 'deadline' : 'pod-deleted',
    ...(message === undefined ? {} : { evidence: message }),
  };
}

/**
 * The exit code that the Job's own Failed condition names, also when the pod is gone: the podFailurePolicy of `decorate` makes it
 * `Container validator for pod ns/name failed with exit code 2 matching FailJob rule at index 0` (measured on 1.34).
 */
export function exitCodeInCondition(ending: Ending): number | undefined {
  if (ending.kind !== 'terminal' || ending.condition.reason !== 'PodFailurePolicy') return undefined;
  const code = /^Container validator for pod \S+ failed with exit code (\d+) /.exec(
    ending.condition.message ?? '',
  )?.[1];
  return code === undefined ? undefined : Number(code);
}
