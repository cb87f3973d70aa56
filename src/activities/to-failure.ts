import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { ContractError } from '../aicr/contract-error.ts';
import { ClusterError, type ClusterErrorKind, isQuotaRefusal } from '../cluster/cluster-error.ts';

/** Another attempt of the same call gets the same answer until a person changes something. */
const FINAL: ReadonlySet<ClusterErrorKind> = new Set([
  'forbidden',
  'invalid',
  'configuration',
  'not-found',
  'already-exists',
]);

/** A quota's refusal is a 403 like RBAC's, but may pass. */
function isFinal(error: unknown): error is ClusterError {
  return error instanceof ClusterError && FINAL.has(error.kind) && !isQuotaRefusal(error);
}

/** Why the cluster would not have what was to be written, for good; undefined where it has it. Trouble that may pass is thrown. */
export async function permanentRefusal(write: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (!isFinal(error)) throw error;
    return error.message;
  }
}

export function isOwnFailure(error: unknown): error is TemporalFailure {
  return error instanceof TemporalFailure;
}

/** More errors than this, and longer messages, are told by their number only: a failure is in the workflow's history for good. */
const MAX_ERRORS = 20;
const MAX_MESSAGE = 1_000;

/**
 * The failure that the workflow and the Web UI see for an error of an activity. Its type is the kind of trouble (`cluster/forbidden`), its
 * message the whole story; it is final where another attempt cannot help. A quota's refusal is a 403 like RBAC's, but may pass.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof AggregateError) return joined(error.errors.map(toFailure));
  if (error instanceof ClusterError) {
    return ApplicationFailure.create({
      type: `cluster/${error.kind}`,
      message: error.message,
      nonRetryable: isFinal(error),
      ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  if (error instanceof ContractError) return ApplicationFailure.nonRetryable(error.message, 'InvalidRequest');
  return ApplicationFailure.create({
    type: 'unexpected',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  });
}

/** One of the errors behind a failure of type `several`: they are its details, one each. */
export interface JoinedError {
  type: string;
  message: string;
  nonRetryable: boolean;
}

/** Several errors as one failure that still names each. Final only if all are: while one may pass, another attempt does some good. */
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
