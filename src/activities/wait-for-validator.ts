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
 * Waits for a validator that was begun before its run was reset: Temporal's reset forgets that, but the validator's workflow goes on, or has
 * ended, and its verdict is the one that counts.
 * @returns its outcome; null where the workflow is of another run with the same id, or ended without an outcome: then there is nothing to
 * wait for any more, and the validator is to be begun.
 */
export function waitForValidator({ validatorOutcome }: ActivityDeps) {
  return defineActivity(({ run, workflowId }: WaitForValidatorInput, signal): Promise<ValidatorOutcome | null> => {
    const details = { phase: 'Waiting for a validator that was begun before', workflow: workflowId };
    return withHeartbeat(
      () => details,
      () => validatorOutcome(workflowId, run.marks.workflowRunId, signal),
    );
  });
}
