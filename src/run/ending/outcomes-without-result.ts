/** The outcomes of validators that did not run, or whose result could not be read. */

import { SKIP_REASON_NAMED, SKIPPED_BY_CALLER, SKIPPED_PREVIOUS_PHASE } from '../../aicr/constants.ts';
import type { Phase } from '../../aicr/phase.ts';
import { boundTerminationMessage } from '../../aicr/result/termination-message.ts';
import type { ValidatorOutcome } from './validator-outcome.ts';

interface Identity {
  name: string;
  phase: Phase;
}

/** The Job could not be created. The run continues (docs/contract.md section 8). */
export function deployFailedOutcome(
  validator: Identity,
  failure: string,
  startMs: number,
  stopMs: number,
): ValidatorOutcome {
  const message = boundTerminationMessage(`failed to deploy Job: ${failure}`);
  return {
    ...withoutResult(validator, message, startMs, stopMs),
    status: 'other',
    cause: 'deploy-failed',
    exitCode: -1,
  };
}

/** The run was cancelled. */
export function cancelledOutcome(validator: Identity, startMs: number, stopMs: number): ValidatorOutcome {
  return {
    ...withoutResult(validator, 'cancelled: the run was cancelled before this validator ended', startMs, stopMs),
    status: 'other',
    cause: 'cancelled',
    exitCode: -1,
  };
}

/** The cluster was unreachable for longer than its grace. The validator may have run. */
export function unreachableOutcome(
  validator: Identity,
  failure: string,
  startMs: number,
  stopMs: number,
): ValidatorOutcome {
  const message = boundTerminationMessage(`validation failed: ${failure}`);
  return {
    ...withoutResult(validator, message, startMs, stopMs),
    status: 'other',
    cause: 'cluster-unreachable',
    exitCode: -1,
    started: true,
  };
}

/** The child workflow ended without an outcome: it was terminated, or it failed. */
export function lostOutcome(validator: Identity, failure: string, startMs: number, stopMs: number): ValidatorOutcome {
  const message = boundTerminationMessage(`the validator's workflow ended without a result: ${failure}`);
  return { ...withoutResult(validator, message, startMs, stopMs), status: 'other', cause: 'cancelled', exitCode: -1 };
}

/** The request's skip list names the validator (docs/contract.md section 10). */
export function skippedByCallerOutcome(validator: Identity, atMs: number): ValidatorOutcome {
  return { ...withoutResult(validator, SKIPPED_BY_CALLER, atMs, atMs), extra: { skipReason: SKIP_REASON_NAMED } };
}

/** An earlier phase failed and the request sets `failFast` (docs/contract.md section 10). */
export function skippedByPhaseOutcome(validator: Identity, atMs: number): ValidatorOutcome {
  return withoutResult(validator, SKIPPED_PREVIOUS_PHASE, atMs, atMs);
}

function withoutResult({ name, phase }: Identity, message: string, startMs: number, stopMs: number): ValidatorOutcome {
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
