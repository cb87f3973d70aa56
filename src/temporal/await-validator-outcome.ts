import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { asWorkflowId, type FirstRunId, type WorkflowId } from '../run/ids.ts';
import type { runValidator } from '../workflows/index.ts';
import { describe, firstOf } from './run-state.ts';

/**
 * How a validator's workflow ends, which this waits for.
 * @returns null where it is not of the run with this first run of its chain, or ends without an outcome.
 */
export function awaitValidatorOutcome(
  client: Client,
  workflowId: WorkflowId,
  firstRunId: FirstRunId,
  signal: AbortSignal,
): Promise<ValidatorOutcome | null> {
  return client.withAbortSignal(signal, async () => {
    const found = await describe(client, workflowId);
    if (found === undefined) return null;
    const isOurs = (await firstRunOfParent(client, found)) === firstRunId;
    const outcome = await client.workflow
      .getHandle<typeof runValidator>(workflowId, found.runId)
      .result()
      .catch((error: unknown) => {
        if (error instanceof WorkflowFailedError) return null;
        throw error;
      });
    return isOurs ? outcome : null;
  });
}

/** A reset run goes on under another id, but bears the first of its chain. */
async function firstRunOfParent(
  client: Client,
  { raw }: NonNullable<Awaited<ReturnType<typeof describe>>>,
): Promise<FirstRunId | undefined> {
  const { workflowId, runId } = raw.workflowExecutionInfo?.parentExecution ?? {};
  if (!workflowId || !runId) return undefined;
  const parent = await describe(client, asWorkflowId(workflowId), runId);
  return parent && firstOf(parent);
}
