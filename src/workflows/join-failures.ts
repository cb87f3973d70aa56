import { ApplicationFailure } from '@temporalio/workflow';
import type { JoinedError } from '../activities/to-failure.ts';
import { messageOf } from '../run/error-message.ts';

/** The message at the bottom of a failure's chain: an activity's or child's failure says only that it failed. */
export function rootCause(error: unknown): string {
  const root = rootOf(error);
  return messageOf(root);
}

/** The errors behind a failure: one, or each of those that an activity had joined. */
export function joinedErrors(error: unknown): JoinedError[] {
  const root = rootOf(error);
  if (!(root instanceof ApplicationFailure))
    return [{ type: 'unexpected', message: rootCause(error), nonRetryable: false }];
  const { type, message, nonRetryable, details } = root;
  if (type === 'several' && details != null && details.length > 0) return details as JoinedError[];
  return [{ type: type ?? 'unexpected', message, nonRetryable: nonRetryable ?? false }];
}

/**
 * A failure and what went wrong in taking back what had been made before it, as one failure that still names each: its details are the
 * errors, one each, the first being what the run failed of.
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

function rootOf(error: unknown): unknown {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest;
}
