import { type Outcome, resultFromPod } from '../../aicr/result/validator-result.ts';
import { terminatedState } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { kubeletEndReason } from './kubelet-end.ts';
import { endedOnItsOwn } from './verdict.ts';

/** Whether the validator of this pod has ended, but not by itself. */
export function wasInterrupted(pod: Pod): boolean {
  return terminatedState(pod) !== undefined && !endedOnItsOwn(pod);
}

/**
 * The result of a validator that was interrupted. Its exit code, 0 included, only shows how it handled SIGTERM, so the
 * result has -1 instead.
 */
export function resultFromInterrupted(pod: Pod): Outcome {
  const outcome = resultFromPod(pod);
  const how =
    kubeletEndReason(pod) === undefined
      ? 'the pod was being deleted when its validator ended'
      : 'the pod was ended by its kubelet';
  return { ...outcome, exitCode: -1, terminationMsg: `interrupted: ${how} (exit code ${outcome.exitCode})` };
}
