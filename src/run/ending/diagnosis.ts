import { hasStarted, START_REASONS, terminatedState, UNKNOWN_REASONS, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { type Finding, finding } from './cause.ts';
import type { Ending } from './ending.ts';
import { kubeletEndReason } from './kubelet-end.ts';
import { disruptionOf, isBeingRemoved } from './pod-removal.ts';
import { startProblemOf } from './start-problem.ts';
import { exitCodeInCondition, timedOutBeforeStart } from './terminal-ending.ts';
import { endedOnItsOwn } from './verdict.ts';

const UNKNOWN_END = 'the container runtime does not know how the container ended; its node may have rebooted';

/**
 * Finds the cause of an ending. Every ending has one.
 * Keeps G6.
 * @param pod the pod that the result is read from; undefined if it is gone.
 */
export function diagnose(ending: Ending, pod: Pod | undefined): Finding {
  if (timedOutBeforeStart(ending, pod))
    return ending.trouble ?? (pod && startProblemOf(pod)) ?? finding('never-started');
  if (pod !== undefined && terminatedState(pod) !== undefined) return diagnoseEndedContainer(pod);
  if (ending.kind === 'early') return ending.finding;
  if (ending.kind === 'job-gone') return finding('job-deleted');
  if (pod === undefined) return diagnoseWithoutPod(ending);
  return disruptionOf(pod) ?? diagnoseOpenContainer(ending, pod);
}

function diagnoseEndedContainer(pod: Pod): Finding {
  const { reason = '', message } = terminatedState(pod) ?? {};
  if (endedOnItsOwn(pod)) {
    if (reason === 'OOMKilled') return finding('oom');
    if (START_REASONS.has(reason)) return finding('start-error', message);
    if (UNKNOWN_REASONS.has(reason)) return finding('status-unknown', message ?? UNKNOWN_END);
    return finding('completed');
  }
  return (
    disruptionOf(pod) ??
    finding('interrupted', kubeletEndReason(pod) ?? 'the pod was being deleted when its validator ended')
  );
}

function diagnoseOpenContainer(ending: Ending, pod: Pod): Finding {
  const problem = startProblemOf(pod);
  if (problem !== undefined) return problem;
  if (ending.kind === 'terminal' && pod.metadata.deletionTimestamp !== undefined)
    return finding('pod-deleted', ending.condition.message);
  const { containerStatuses } = pod.status ?? {};
  if (containerStatuses !== undefined && validatorStatus(pod) === undefined) return finding('contract-broken');
  if (!hasStarted(pod)) return finding('never-started');
  if (ending.kind === 'terminal' && ending.condition.reason !== 'DeadlineExceeded') return lostContainer(ending, pod);
  return finding('deadline');
}

/**
 * The Job ended before its deadline, but the end of its container is not known. If a runtime forgets a container, the
 * pod is Failed while the container is still waiting; the container's last state says why (measured on Kubernetes
 * 1.34).
 */
function lostContainer({ condition }: Ending & { kind: 'terminal' }, pod: Pod): Finding {
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
