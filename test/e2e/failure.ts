import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'vitest';
import { listObjects } from './harness.ts';

/** The failure at the bottom of a failed workflow. */
export async function failureOf(handle: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error = await handle.result().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

/** What a workflow has made on the cluster, in any namespace, by Proctor's marks. */
export async function madeBy({ firstExecutionRunId }: { firstExecutionRunId: string }): Promise<string[]> {
  const kinds = 'configmaps,serviceaccounts,clusterrolebindings,jobs,pods';
  const label = `proctor.run/workflow-run-id=${firstExecutionRunId}`;
  const made = await listObjects(kinds, '--all-namespaces', '-l', label);
  return made.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
