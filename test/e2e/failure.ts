import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { listObjects } from './harness.ts';

/** Waits for a workflow that must fail. @returns the failure at the bottom of its chain of causes. */
export async function failureOf(handle: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error = await workflowErrorOf(handle);
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

/** Waits for a workflow that must not complete. */
export async function workflowErrorOf(handle: { result(): Promise<unknown> }): Promise<WorkflowFailedError> {
  const error = await handle.result().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return error as WorkflowFailedError;
}

/** The objects on the cluster, in any namespace, whose label names this workflow, as `Kind/name`. */
export async function madeBy({ firstExecutionRunId }: { firstExecutionRunId: string }): Promise<string[]> {
  const kinds = 'configmaps,serviceaccounts,clusterrolebindings,jobs,pods';
  const label = `proctor.run/workflow-run-id=${firstExecutionRunId}`;
  const made = await listObjects(kinds, '--all-namespaces', '-l', label);
  return made.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
