import { nsToMs, parseGoDuration } from '../../aicr/go/duration.ts';
import { isFailingStatus, type Status } from '../../aicr/result/status.ts';
import type { CleanupRequest } from '../plan/validate-cluster-request.ts';

/**
 * What is taken back of a run, and when: in any case, only where all went well, or never. Only evidence is ever kept: Jobs that have ended,
 * with their pods and logs, what the validators were given, and their results. The role is always revoked, and nothing that still runs stays.
 */
export const CLEANUP_POLICIES = ['always', 'on-success', 'never'] as const;
export type CleanupPolicy = (typeof CLEANUP_POLICIES)[number];

/** The same with everything said, in milliseconds. */
export interface Cleanup {
  run: CleanupPolicy;
  jobs: CleanupPolicy;
  keepForMs: number;
  timeoutMs: number;
}

/** As long as the reports stay. */
const KEEP_FOR_MS = 7 * 24 * 60 * 60 * 1000;
const TIMEOUT_MS = 30 * 60 * 1000;
export const MAX_KEEP_FOR = '720h';
export const MAX_TIMEOUT = '24h';

export function cleanupFrom({ run = 'always', jobs = run, keepFor, timeout }: CleanupRequest = {}): Cleanup {
  return {
    run,
    jobs,
    keepForMs: keepFor === undefined ? KEEP_FOR_MS : nsToMs(parseGoDuration(keepFor)),
    timeoutMs: timeout === undefined ? TIMEOUT_MS : nsToMs(parseGoDuration(timeout)),
  };
}

/** Whether what ended with this status is to be kept; one that has no status did not end well. */
export function isKept(policy: CleanupPolicy, status: Status | undefined): boolean {
  if (policy === 'on-success') return status === undefined || isFailingStatus(status);
  return policy === 'never';
}
