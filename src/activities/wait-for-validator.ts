import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { WorkflowId } from '../run/ids.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface WaitForValidatorInput extends RunInput {
  /** The id of the validator's workflow. */
  workflowId: WorkflowId;
}

/**
 * Waits for a validator that started before its run was reset. A reset run does not know its earlier children, but the
 * validator's workflow continues, and its verdict is the one that counts.
 * @returns the outcome; null if the workflow belongs to another run with the same id, or ended without an outcome. The
 * caller then starts the validator.
 */
export function waitForValidator({ validatorOutcome }: ActivityDeps) {
  return defineActivity(({ run, workflowId }: WaitForValidatorInput, signal): Promise<ValidatorOutcome | null> => {
    const details = { phase: 'Waiting for a validator that started before the reset', workflow: workflowId };
    return withHeartbeat(
      () => details,
      () => validatorOutcome(workflowId, run.marks.workflowRunId, signal),
    );
  });
}
