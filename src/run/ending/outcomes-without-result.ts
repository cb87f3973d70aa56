import { SKIP_REASON_NAMED, SKIPPED_BY_CALLER, SKIPPED_PREVIOUS_PHASE } from '../../aicr/constants.ts';
import type { Phase } from '../../aicr/phase.ts';
import { boundTerminationMessage } from '../../aicr/result/termination-message.ts';
import type { ValidatorOutcome } from './validator-outcome.ts';

/** The outcomes of validators that have no result of their own: they did not run, or nothing of theirs could be read. */

interface Named {
  name: string;
  phase: Phase;
}

/** The Job could not be created; the run goes on (contract.md, section 8). */
export function deployFailure(validator: Named, failure: string, startMs: number, stopMs: number): ValidatorOutcome {
  const message = boundTerminationMessage(`failed to deploy Job: ${failure}`);
  return { ...unrun(validator, message, startMs, stopMs), status: 'other', cause: 'deploy-failed', exitCode: -1 };
}

export function cancelled(validator: Named, startMs: number, stopMs: number): ValidatorOutcome {
  return {
    ...unrun(validator, 'cancelled: the run was cancelled before this validator ended', startMs, stopMs),
    status: 'other',
    cause: 'cancelled',
    exitCode: -1,
  };
}

/** Type of the failure of a wait whose cluster has been out of reach for longer than its grace. */
export const CLUSTER_UNREACHABLE = 'ClusterUnreachable';

/** The cluster could not be asked for longer than its grace; whether it ran nobody knows. */
export function unreachable(validator: Named, failure: string, startMs: number, stopMs: number): ValidatorOutcome {
  const message = boundTerminationMessage(`validation failed: ${failure}`);
  return {
    ...unrun(validator, message, startMs, stopMs),
    status: 'other',
    cause: 'cluster-unreachable',
    exitCode: -1,
    started: true,
  };
}

/** The child workflow ended without an outcome: terminated by hand, or refused. */
export function lost(validator: Named, failure: string, startMs: number, stopMs: number): ValidatorOutcome {
  const message = boundTerminationMessage(`the validator's workflow ended without a result: ${failure}`);
  return { ...unrun(validator, message, startMs, stopMs), status: 'other', cause: 'cancelled', exitCode: -1 };
}

/** Named in the request's skip list (contract.md, section 10). */
export function skippedByCaller(validator: Named, atMs: number): ValidatorOutcome {
  return { ...unrun(validator, SKIPPED_BY_CALLER, atMs, atMs), extra: { skipReason: SKIP_REASON_NAMED } };
}

/** An earlier phase failed and the request says `failFast` (contract.md, section 10). */
export function skippedByPhase(validator: Named, atMs: number): ValidatorOutcome {
  return unrun(validator, SKIPPED_PREVIOUS_PHASE, atMs, atMs);
}

function unrun({ name, phase }: Named, message: string, startMs: number, stopMs: number): ValidatorOutcome {
  return {
    name,
    phase,
    status: 'skipped',
    cause: 'skipped',
    exitCode: 2,
    message,
    startMs,
    stopMs,
    started: false,
    stored: false,
  };
}
