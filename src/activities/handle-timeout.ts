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
 * Reads what there is of a validator whose wait ended before its Job did (the seed's `HandleTimeout`): the time was up, or the Job was
 * deleted. A validator that ended in the last moment has its exit code counted, one still at work its log so far; a pod that never ran says
 * so. An activity of its own, with its own clock, so that how the wait ended takes nothing from it.
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

/** The error with which AICR's wait would have ended; nothing for a wait whose time was up. A trouble found early says itself. */
function waitCause(ending: Ending): unknown {
  if (ending.kind === 'early') return new Error(`${ending.finding.cause}: ${ending.finding.evidence ?? ''}`);
  return ending.kind === 'job-gone' ? new ContractError('INTERNAL', JOB_DELETED_MESSAGE) : undefined;
}
