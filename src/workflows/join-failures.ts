import { ApplicationFailure } from '@temporalio/workflow';
import type { JoinedError } from '../activities/to-failure.ts';
import { messageOf } from '../run/error-message.ts';

/** The message of the innermost cause. The failure of an activity or child workflow says only that it failed. */
export function rootCause(error: unknown): string {
  return messageOf(innermost(error));
}

/** The errors behind a failure: its innermost cause, or each error that an activity joined into it. */
export function joinedErrors(error: unknown): JoinedError[] {
  const root = innermost(error);
  if (!(root instanceof ApplicationFailure))
    return [{ type: 'unexpected', message: rootCause(error), nonRetryable: false }];
  const { type, message, nonRetryable, details } = root;
  if (type === 'several' && details != null && details.length > 0) return details as JoinedError[];
  return [{ type: type ?? 'unexpected', message, nonRetryable: nonRetryable ?? false }];
}

/**
 * Joins a run's failure with the errors of its cleanup. The details of the joined failure are the errors, one each,
 * and the first is the run's own.
 */
export function joinFailures(failure: unknown, more: JoinedError[]): ApplicationFailure {
  const errors = [...joinedErrors(failure), ...more];
  return ApplicationFailure.create({
    type: 'several',
    message: errors.map(({ message }) => message).join('; '),
    details: errors,
    nonRetryable: true,
    ...(failure instanceof Error && { cause: failure }),
  });
}

function innermost(error: unknown): unknown {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest;
}
