import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { RunState } from '../run/cleanup/orphans.ts';
import { asFirstRunId, type FirstRunId, type WorkflowId } from '../run/ids.ts';

/**
 * Asks Temporal whether a run is open. The first run of its chain identifies it: a run that was reset or continued as
 * new has another run id, but its objects are marked with the first.
 * @throws if Temporal does not answer. The caller must not delete anything then.
 */
export async function runState(client: Client, workflowId: WorkflowId, firstRunId: FirstRunId): Promise<RunState> {
  const newest = await describeRun(client, workflowId);
  if (newest === undefined) return 'unknown';
  const isOpen = newest.status.name === 'RUNNING' || newest.status.name === 'PAUSED';
  if (isOpen && firstRunOf(newest) === firstRunId) return 'open';
  const first = await describeRun(client, workflowId, firstRunId);
  if (first === undefined) return firstRunOf(newest) === firstRunId ? 'closed' : 'unknown';
  return first.status.name === 'RUNNING' ? 'open' : 'closed';
}

export type RunDescription = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;

/** The id of the first run in a run's chain. */
export function firstRunOf({ raw, runId }: RunDescription): FirstRunId {
  return asFirstRunId(raw.workflowExecutionInfo?.firstRunId || runId);
}

/** Describes a run, by default the newest of the workflow; undefined if Temporal knows none. */
export async function describeRun(
  client: Client,
  workflowId: WorkflowId,
  runId?: string,
): Promise<RunDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
