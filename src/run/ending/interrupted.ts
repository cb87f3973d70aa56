import { type Outcome, resultFromPod } from '../../aicr/result/validator-result.ts';
import { terminatedState } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';
import { endByKubelet, endedOnItsOwn } from './verdict.ts';

/** Whether the validator of this pod has ended, and not by itself. */
export function wasInterrupted(pod: Pod): boolean {
  return terminatedState(pod) !== undefined && !endedOnItsOwn(pod);
}

/** The result of a validator that was interrupted: its exit code, 0 included, is how it took the SIGTERM and no verdict. */
export function resultFromInterrupted(pod: Pod): Outcome {
  const outcome = resultFromPod(pod);
  const how =
    endByKubelet(pod) === undefined
      ? 'the pod was being deleted when its validator ended'
      : 'the pod was ended by its kubelet';
  return { ...outcome, exitCode: -1, terminationMsg: `interrupted: ${how} (exit code ${outcome.exitCode})` };
}
