import { ContractError } from '../aicr/contract-error.ts';
import { JOB_DELETED_MESSAGE, resultForTimeout } from '../aicr/result/validator-result.ts';
import type { Ending } from '../run/ending/ending.ts';
import { resultFromInterrupted, wasInterrupted } from '../run/ending/interrupted.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { selectResultPod } from './select-result-pod.ts';
import { type ReadResultInput, storeResult } from './store-result.ts';

/**
 * Makes a result for a validator whose wait ended before its Job did, as AICR's `Deployer.HandleTimeout` does: the wait
 * timed out, ended early, or found the Job deleted. If the validator has ended by now, its exit code counts. If it
 * still runs, the result has its log so far. This is a separate activity, so that the wait uses up none of its timeout.
 */
export function handleTimeout(deps: ActivityDeps) {
  return defineActivity(async (input: ReadResultInput, signal): Promise<ValidatorOutcome> => {
    const { run, ending, validator } = input;
    const cluster = await deps.clusters.pinned(run.cluster, signal);
    const pod = (await selectResultPod(cluster, input, signal)) ?? ending.pod;
    const outcome =
      pod !== undefined && wasInterrupted(pod)
        ? resultFromInterrupted(pod)
        : resultForTimeout({ pod: pod ?? null, waitCause: waitCause(ending), timeout: validator.timeout });
    return storeResult(deps, cluster, input, { outcome, pod }, signal);
  });
}

/**
 * The error with which AICR's wait would have ended; undefined for a timeout. An early end has its finding as the
 * error.
 */
function waitCause(ending: Ending): unknown {
  if (ending.kind === 'early') return new Error(`${ending.finding.cause}: ${ending.finding.evidence ?? ''}`);
  return ending.kind === 'job-gone' ? new ContractError('INTERNAL', JOB_DELETED_MESSAGE) : undefined;
}
