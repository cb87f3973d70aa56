import { isAbandonedStart } from '../../kubernetes/pod.ts';
import type { Cause } from './cause.ts';
import { isTransientPull } from './start-problem.ts';

/** How many Jobs a validator may have, the first included, where the infrastructure ends them. */
export const DEFAULT_ATTEMPTS = 3;
export const MAX_ATTEMPTS = 10;
/** A Job that ran out its time while it waited for room has done nothing: it does not count, but it does not go on for ever either. */
export const MAX_QUEUED_ATTEMPTS = 50;

const FIRST_BACKOFF_MS = 5_000;
const MOST_BACKOFF_MS = 60_000;

/** What ended an attempt. */
export interface AttemptEnd {
  cause: Cause;
  evidence?: string;
  /** Whether its container may have run. */
  started: boolean;
}

const INFRASTRUCTURE: ReadonlySet<Cause> = new Set([
  'evicted',
  'preempted',
  'node-lost',
  'pod-deleted',
  'job-deleted',
  'interrupted',
  'status-unknown',
  'admission-refused',
  'queued',
]);

/**
 * Whether the infrastructure ended an attempt in a way that another may not meet. A verdict never is such an end, nor is a trouble that
 * stays until a person changes something (an image that is not there, a refused pod that is not about quota).
 */
export function isInfrastructure({ cause, evidence = '' }: AttemptEnd): boolean {
  if (cause === 'image-pull') return isTransientPull(evidence);
  if (cause === 'start-error') return isAbandonedStart(evidence);
  if (cause === 'create-refused') return /exceeded quota/.test(evidence);
  return INFRASTRUCTURE.has(cause);
}

/**
 * Whether it may run again: it provably did not run, nor will, or its catalog entry says that running twice does no harm.
 * @param gone whether its Job is gone with all its pods, and none of them had started after the attempt's end had been read.
 */
export function mayRunAgain({ started }: AttemptEnd, entry: { rerunnable?: boolean }, gone: boolean): boolean {
  return (!started && gone) || entry.rerunnable === true;
}

/** How long to wait before the next attempt, after this many have ended. */
export function backoffMs(attempts: number): number {
  return Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}
