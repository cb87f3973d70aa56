import { hasStarted, wasNeverCreated } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import type { Ending } from './ending.ts';
import { isBeingRemoved } from './pod-removal.ts';

/**
 * Whether the Job reached its deadline before the validator started. The Job's clock runs while its pod waits, so this
 * is not a verdict.
 * @param pod as it is now; undefined if it is gone.
 */
export function timedOutBeforeStart(ending: Ending, pod: Pod | undefined): boolean {
  if (ending.kind !== 'terminal' || ending.condition.reason !== 'DeadlineExceeded') return false;
  if (pod === undefined) return !ending.started;
  return wasNeverCreated(pod) || !(ending.started || hasStarted(pod));
}

/**
 * The exit code that the Job's Failed condition names, which survives the pod. The podFailurePolicy that `decorate`
 * adds makes the message `Container validator for pod ns/name failed with exit code 2 matching FailJob rule at index 0`
 * (measured on Kubernetes 1.34).
 * Keeps G1: the Job's condition has the verdict if the pod is gone.
 * @returns undefined if the condition names none, or if the pod was last seen being removed: the exit code is then its
 * answer to SIGTERM.
 */
export function exitCodeInCondition(ending: Ending): number | undefined {
  if (ending.kind !== 'terminal' || ending.condition.reason !== 'PodFailurePolicy') return undefined;
  if (ending.pod !== undefined && isBeingRemoved(ending.pod)) return undefined;
  const code = /^Container validator for pod \S+ failed with exit code (\d+) /.exec(
    ending.condition.message ?? '',
  )?.[1];
  return code === undefined ? undefined : Number(code);
}
