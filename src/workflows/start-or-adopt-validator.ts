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
import type { RunScope } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { activitiesOn } from './activity-stubs.ts';
import { runValidator } from './run-validator.ts';

/** Longer than any validator may take; a wait that is cut off by it is begun anew. */
const WAIT = '24 hours';

type Options = Pick<ChildWorkflowOptions, 'parentClosePolicy' | 'typedSearchAttributes' | 'staticSummary'> & {
  workflowId: string;
};

/**
 * A validator, once in a run: also one that is reset to before the validator was begun, of which the new history knows nothing. Its workflow
 * is there all the same, running or ended, and to begin it again would make a second Job.
 */
export async function startOrAdoptValidator(
  run: RunScope,
  options: Options,
  input: RunValidatorInput,
): Promise<ValidatorOutcome> {
  const { workflowId } = options;
  const begin = (workflowIdReusePolicy: WorkflowIdReusePolicy) =>
    executeChild(runValidator, { ...options, workflowIdReusePolicy, args: [input] });
  try {
    return await begin(WorkflowIdReusePolicy.REJECT_DUPLICATE);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const outcome = await begunBefore(run, workflowId);
  return outcome ?? begin(WorkflowIdReusePolicy.ALLOW_DUPLICATE);
}

/** The validator's outcome if it was begun by this run before it was reset; it is not a child of the new one, so a cancellation is passed on. */
async function begunBefore(run: RunScope, workflowId: string): Promise<ValidatorOutcome | null> {
  const { waitForValidator } = activitiesOn(run.cluster.name).wait(workflowId, { startToCloseTimeout: WAIT });
  try {
    return await waitForValidator({ version: 1, run, workflowId });
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(workflowId).cancel()).catch(
        () => undefined,
      );
    }
    throw error;
  }
}
