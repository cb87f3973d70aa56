import { hasStarted, START_REASONS, terminatedState, UNKNOWN_REASONS, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { type Finding, finding } from './cause.ts';
import { type Ending, timedOutBeforeStart } from './ending.ts';
import { disruptionOf, troubleOf } from './start-problem.ts';
import { endByKubelet, endedOnItsOwn, isBeingRemoved } from './verdict.ts';

const UNKNOWN_END = 'its container runtime does not know how it ended, as after a reboot of its node';

/** The cause of an ending that was observed, with the pod that tells most of it. Total: whatever was seen has one. */
export function diagnose(ending: Ending, pod: Pod | undefined): Finding {
  if (timedOutBeforeStart(ending, pod)) return ending.trouble ?? (pod && troubleOf(pod)) ?? finding('never-started');
  if (pod !== undefined && terminatedState(pod) !== undefined) return diagnoseEnd(pod);
  if (ending.kind === 'early') return ending.finding;
  if (ending.kind === 'job-gone') return finding('job-deleted');
  if (pod === undefined) return diagnoseWithoutPod(ending);
  return disruptionOf(pod) ?? diagnoseUnended(ending, pod);
}

/** The validator's container has ended: why it did. */
function diagnoseEnd(pod: Pod): Finding {
  const { reason = '', message } = terminatedState(pod) ?? {};
  if (endedOnItsOwn(pod)) {
    if (reason === 'OOMKilled') return finding('oom');
    if (START_REASONS.has(reason)) return finding('start-error', message);
    if (UNKNOWN_REASONS.has(reason)) return finding('status-unknown', message ?? UNKNOWN_END);
    return finding('completed');
  }
  return (
    disruptionOf(pod) ??
    finding('interrupted', endByKubelet(pod) ?? 'the pod was being deleted when its validator ended')
  );
}

function diagnoseUnended(ending: Ending, pod: Pod): Finding {
  const trouble = troubleOf(pod);
  if (trouble !== undefined) return trouble;
  if (ending.kind === 'terminal' && pod.metadata.deletionTimestamp !== undefined)
    return finding('pod-deleted', ending.condition.message);
  const { containerStatuses } = pod.status ?? {};
  if (containerStatuses !== undefined && validatorStatus(pod) === undefined) return finding('contract-broken');
  if (!hasStarted(pod)) return finding('never-started');
  // A Job that ended, though not for want of time, while nobody knows how its container did.
  if (ending.kind === 'terminal' && ending.condition.reason !== 'DeadlineExceeded') return lostTrack(ending, pod);
  return finding('deadline');
}

/** A runtime that has forgotten a container leaves a pod that is Failed while its container waits; the last state says why (measured on 1.34). */
function lostTrack({ condition }: Ending & { kind: 'terminal' }, pod: Pod): Finding {
  return finding('status-unknown', validatorStatus(pod)?.lastState?.terminated?.message ?? condition.message);
}

function diagnoseWithoutPod(ending: Ending): Finding {
  if (ending.kind !== 'terminal') return finding('never-started');
  const { reason, message } = ending.condition;
  if (exitCodeInCondition(ending) !== undefined) return finding('completed');
  if (reason === 'PodFailurePolicy' && ending.pod !== undefined && isBeingRemoved(ending.pod))
    return disruptionOf(ending.pod) ?? finding('interrupted', message);
  return finding(reason === 'DeadlineExceeded' ? 'deadline' : 'pod-deleted', message);
}

/**
 * The exit code that the Job's own Failed condition names, also when the pod is gone: the podFailurePolicy of `decorate` makes it
 * `Container validator for pod ns/name failed with exit code 2 matching FailJob rule at index 0` (measured on 1.34).
 */
export function exitCodeInCondition(ending: Ending): number | undefined {
  if (ending.kind !== 'terminal' || ending.condition.reason !== 'PodFailurePolicy') return undefined;
  // Last seen while it was being taken away: the exit code is its answer to that.
  if (ending.pod !== undefined && isBeingRemoved(ending.pod)) return undefined;
  const code = /^Container validator for pod \S+ failed with exit code (\d+) /.exec(
    ending.condition.message ?? '',
  )?.[1];
  return code === undefined ? undefined : Number(code);
}
