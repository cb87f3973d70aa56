import { isAbandonedStart } from '../../kubernetes/pod.ts';
import type { Cause } from './cause.ts';
import { isTransientPull } from './transient-pull.ts';

/** How many Jobs a validator may have, the first included, if the infrastructure ends them. */
export const DEFAULT_ATTEMPTS = 3;
export const MAX_ATTEMPTS = 10;
/**
 * How many Jobs may reach their deadline in a queue. They have not run, so they do not count as attempts, but they do
 * not repeat indefinitely.
 */
export const MAX_QUEUED_ATTEMPTS = 50;

const FIRST_BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 60_000;

/** How an attempt ended. */
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
 * Whether the infrastructure ended an attempt, in a way that the next attempt may escape. False for a verdict, and for
 * a problem that lasts until somebody changes something, such as a missing image or a pod that a policy refuses.
 * Keeps G7: a verdict is never a reason for another attempt.
 */
export function isInfrastructureEnd({ cause, evidence = '' }: AttemptEnd): boolean {
  if (cause === 'image-pull') return isTransientPull(evidence);
  if (cause === 'start-error') return isAbandonedStart(evidence);
  if (cause === 'create-refused') return /exceeded quota/.test(evidence);
  return INFRASTRUCTURE.has(cause);
}

/**
 * Whether another attempt may run. It may if one of these holds:
 * - the container never started and its Job is gone;
 * - the catalog entry is `rerunnable`.
 * Keeps G2.
 * @param gone whether the Job and all its pods are gone, and none of the pods started after the attempt's end was read.
 */
export function mayRunAgain({ started }: AttemptEnd, entry: { rerunnable?: boolean }, gone: boolean): boolean {
  return (!started && gone) || entry.rerunnable === true;
}

/** How long to wait before the next attempt, given how many have ended: it doubles from 5 s to at most 60 s. */
export function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}
