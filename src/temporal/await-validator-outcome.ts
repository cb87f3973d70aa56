import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { asWorkflowId, type FirstRunId, type WorkflowId } from '../run/ids.ts';
import type { runValidator } from '../workflows/index.ts';
import { describeRun, firstRunOf, type RunDescription } from './run-state.ts';

/**
 * Waits until a validator's workflow has ended.
 * @param firstRunId the first run in the chain of the run that the validator belongs to.
 * @returns its outcome; null if it belongs to another run, or ends without an outcome.
 */
export function awaitValidatorOutcome(
  client: Client,
  workflowId: WorkflowId,
  firstRunId: FirstRunId,
  signal: AbortSignal,
): Promise<ValidatorOutcome | null> {
  return client.withAbortSignal(signal, async () => {
    const found = await describeRun(client, workflowId);
    if (found === undefined) return null;
    const isOwn = (await firstRunOfParent(client, found)) === firstRunId;
    const outcome = await client.workflow
      .getHandle<typeof runValidator>(workflowId, found.runId)
      .result()
      .catch((error: unknown) => {
        if (error instanceof WorkflowFailedError) return null;
        throw error;
      });
    return isOwn ? outcome : null;
  });
}

/** A reset run continues under another run id, but keeps the first run of its chain. */
async function firstRunOfParent(client: Client, { raw }: RunDescription): Promise<FirstRunId | undefined> {
  const { workflowId, runId } = raw.workflowExecutionInfo?.parentExecution ?? {};
  if (!workflowId || !runId) return undefined;
  const parent = await describeRun(client, asWorkflowId(workflowId), runId);
  return parent && firstRunOf(parent);
}
