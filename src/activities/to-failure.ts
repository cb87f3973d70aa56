import { ApplicationFailure } from '@temporalio/common';
import { ContractError } from '../aicr/contract-error.ts';
import { ClusterError, type ClusterErrorKind, isQuotaRefusal } from '../cluster/cluster-error.ts';

/** Kinds of errors that a retry cannot resolve until a person changes something. */
const PERMANENT: ReadonlySet<ClusterErrorKind> = new Set([
  'forbidden',
  'invalid',
  'configuration',
  'not-found',
  'already-exists',
]);

/** A refusal by a quota is a 403, like one by RBAC, but a retry may succeed. */
function isPermanent(error: unknown): error is ClusterError {
  return error instanceof ClusterError && PERMANENT.has(error.kind) && !isQuotaRefusal(error);
}

/**
 * Tries a write that the caller can do without.
 * @returns why the cluster refuses it permanently; undefined if it succeeds. Throws every other error.
 */
export async function permanentRefusal(write: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    return error.message;
  }
}

/** Bounds a failure, which stays in the workflow's history. */
const MAX_ERRORS = 20;
const MAX_MESSAGE = 1_000;

/**
 * Turns an activity's error into the failure that the workflow and the Web UI see. Its type is the kind of error, such
 * as `cluster/forbidden`. It is non-retryable if a retry cannot succeed.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof AggregateError) return joined(error.errors.map(toFailure));
  if (error instanceof ClusterError) {
    return ApplicationFailure.create({
      type: `cluster/${error.kind}`,
      message: error.message,
      nonRetryable: isPermanent(error),
      ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  if (error instanceof ContractError) return ApplicationFailure.nonRetryable(error.message, 'InvalidRequest');
  return ApplicationFailure.create({
    type: 'unexpected',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  });
}

/** One detail of a failure of type `several`, for one of its errors. */
export interface JoinedError {
  type: string;
  message: string;
  nonRetryable: boolean;
}

/**
 * Joins failures into one that names each. It is non-retryable only if all are, because a retry may still do some of
 * the work.
 */
function joined(failures: ApplicationFailure[]): ApplicationFailure {
  const details = failures.slice(0, MAX_ERRORS).map(
    ({ type, message, nonRetryable }): JoinedError => ({
      type: type ?? 'unexpected',
      message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message,
      nonRetryable: nonRetryable ?? false,
    }),
  );
  const more = failures.length - details.length;
  const messages = [...details.map(({ message }) => message), ...(more > 0 ? [`and ${more} more`] : [])];
  const delays = failures.flatMap(({ nextRetryDelay }) => (typeof nextRetryDelay === 'number' ? [nextRetryDelay] : []));
  return ApplicationFailure.create({
    type: 'several',
    message: messages.join('; '),
    details,
    nonRetryable: failures.length > 0 && failures.every(({ nonRetryable }) => nonRetryable === true),
    ...(delays.length === 0 ? {} : { nextRetryDelay: Math.max(...delays) }),
  });
}
