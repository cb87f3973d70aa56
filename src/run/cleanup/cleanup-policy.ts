import { nsToMs, parseGoDuration } from '../../aicr/go/duration.ts';
import { isFailingStatus, type Status } from '../../aicr/result/status.ts';
import type { CleanupRequest } from '../plan/validate-cluster-request.ts';

/**
 * When a run's objects are removed: always, only on success, or never. Only evidence is ever kept: Jobs that have
 * ended, with their pods and logs, the validators' input data, and their results. The role is always revoked, and
 * nothing that still runs is kept.
 */
type CleanupPolicy = NonNullable<CleanupRequest['run']>;

/** A {@link CleanupRequest} with its defaults filled in, and its durations in milliseconds. */
export interface Cleanup {
  run: CleanupPolicy;
  jobs: CleanupPolicy;
  keepForMs: number;
  timeoutMs: number;
}

/** Kept objects stay for as long as reports. */
const KEEP_FOR_MS = 7 * 24 * 60 * 60 * 1000;
const TIMEOUT_MS = 30 * 60 * 1000;

/** Fills in the defaults of a request's `cleanup`. */
export function cleanupFrom({ run = 'always', jobs = run, keepFor, timeout }: CleanupRequest = {}): Cleanup {
  return {
    run,
    jobs,
    keepForMs: keepFor === undefined ? KEEP_FOR_MS : nsToMs(parseGoDuration(keepFor)),
    timeoutMs: timeout === undefined ? TIMEOUT_MS : nsToMs(parseGoDuration(timeout)),
  };
}

/** Whether the policy keeps the objects of a validator or run with this status. No status counts as a failure. */
export function isKept(policy: CleanupPolicy, status: Status | undefined): boolean {
  if (policy === 'on-success') return status === undefined || isFailingStatus(status);
  return policy === 'never';
}
