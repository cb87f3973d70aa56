import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { RunState } from '../run/cleanup/orphans.ts';
import { asFirstRunId, type FirstRunId, type WorkflowId } from '../run/ids.ts';

/**
 * Whether a run is open, by Temporal's word. A run is known by the first run of its chain: a reset or a continued one goes on under another
 * id, and what it made bears the first.
 * @throws where Temporal does not answer: then nobody may touch anything.
 */
export async function runState(client: Client, workflowId: WorkflowId, firstRunId: FirstRunId): Promise<RunState> {
  const newest = await describe(client, workflowId);
  if (newest === undefined) return 'unknown';
  const isOpen = newest.status.name === 'RUNNING' || newest.status.name === 'PAUSED';
  if (isOpen && firstOf(newest) === firstRunId) return 'open';
  const first = await describe(client, workflowId, firstRunId);
  if (first === undefined) return firstOf(newest) === firstRunId ? 'closed' : 'unknown';
  return first.status.name === 'RUNNING' ? 'open' : 'closed';
}

type Description = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;

/** The first run of a run's chain. */
export function firstOf({ raw, runId }: Description): FirstRunId {
  return asFirstRunId(raw.workflowExecutionInfo?.firstRunId || runId);
}

/** What Temporal says of a run, by default the newest with that id; undefined where it knows none. */
export async function describe(
  client: Client,
  workflowId: WorkflowId,
  runId?: string,
): Promise<Description | undefined> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
