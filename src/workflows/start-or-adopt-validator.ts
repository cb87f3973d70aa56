import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowOptions,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { asWorkflowId } from '../run/ids.ts';
import type { RunScope } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { activitiesOn } from './activity-stubs.ts';
import { runValidator } from './run-validator.ts';

/** How long one wait for an adopted validator may take: longer than any validator. A wait that times out is retried. */
const ADOPTED_WAIT_TIMEOUT = '24 hours';

export type ValidatorOptions = Pick<
  ChildWorkflowOptions,
  'parentClosePolicy' | 'typedSearchAttributes' | 'staticSummary'
> & { workflowId: string };

/**
 * Starts a validator's child workflow, or waits for the one that the same run started before it was reset. A reset
 * may go back to a point before the validator was started: the new history does not know the child, but its workflow is
 * running or has ended. Starting it again would create a second Job.
 * Keeps G2: a run that is reset starts no validator twice.
 */
export async function startOrAdoptValidator(
  run: RunScope,
  options: ValidatorOptions,
  input: RunValidatorInput,
): Promise<ValidatorOutcome> {
  const { workflowId } = options;
  const start = (workflowIdReusePolicy: WorkflowIdReusePolicy) =>
    executeChild(runValidator, { ...options, workflowIdReusePolicy, args: [input] });
  try {
    return await start(WorkflowIdReusePolicy.REJECT_DUPLICATE);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const outcome = await adopt(run, workflowId);
  return outcome ?? start(WorkflowIdReusePolicy.ALLOW_DUPLICATE);
}

/**
 * Waits for a validator that the run started before it was reset. The validator is not a child of the new run, so this
 * passes a cancellation on to it.
 * @returns null if the workflow belongs to another run with the same id, or ended without an outcome.
 */
async function adopt(run: RunScope, workflowId: string): Promise<ValidatorOutcome | null> {
  const { waitForValidator } = activitiesOn(run.cluster.name).wait(workflowId, {
    startToCloseTimeout: ADOPTED_WAIT_TIMEOUT,
  });
  try {
    return await waitForValidator({ version: 1, run, workflowId: asWorkflowId(workflowId) });
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(workflowId).cancel()).catch(
        () => undefined,
      );
    }
    throw error;
  }
}
