import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { ClusterError, type ClusterErrorKind, isQuotaRefusal } from '../cluster/error.ts';
import { ContractError } from '../contract/error.ts';

/** Another attempt of the same call gets the same answer until a person changes something. */
const FINAL: ReadonlySet<ClusterErrorKind> = new Set([
  'forbidden',
  'invalid',
  'configuration',
  'not-found',
  'already-exists',
]);

export function isOwnFailure(error: unknown): error is TemporalFailure {
  return error instanceof TemporalFailure;
}

/**
 * The failure that the workflow and the Web UI see for an error of an activity. Its type is the kind of trouble (`cluster/forbidden`), its
 * message the whole story; it is final where another attempt cannot help. A quota's refusal is a 403 like RBAC's, but may pass.
 */
export function toFailure(error: unknown): ApplicationFailure {
  if (error instanceof ClusterError) {
    return ApplicationFailure.create({
      type: `cluster/${error.kind}`,
      message: error.message,
      nonRetryable: FINAL.has(error.kind) && !isQuotaRefusal(error),
      ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  if (error instanceof ContractError) return ApplicationFailure.nonRetryable(error.message, 'InvalidRequest');
  return ApplicationFailure.create({
    type: 'unexpected',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  });
}
