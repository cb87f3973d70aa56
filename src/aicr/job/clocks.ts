/**
 * The clocks of a validator run (AICR's `v1.JobDeadlineFor`, `v1.OrchestratorWaitFor` and `effectiveTimeout`;
 * docs/contract.md, section 2).
 */
import {
  VALIDATOR_DEFAULT_TIMEOUT_MS,
  VALIDATOR_JOB_DEADLINE_HEADROOM_MS,
  VALIDATOR_MIN_COMPLETION_WAIT_MS,
  VALIDATOR_PRE_DEADLINE_MARGIN_MS,
  VALIDATOR_WAIT_BUFFER_MS,
} from '../constants.ts';
import { msToNs, NS_PER_SECOND, nsToMs, parseGoDuration } from '../go/duration.ts';

/** A check's timeout in nanoseconds. If the catalog has none, or zero, it is five minutes. */
export function effectiveTimeoutNs(timeout: string | bigint | undefined): bigint {
  const ns =
    typeof timeout === 'bigint' ? timeout : timeout === undefined || timeout === '' ? 0n : parseGoDuration(timeout);
  return ns === 0n ? msToNs(VALIDATOR_DEFAULT_TIMEOUT_MS) : ns;
}

/**
 * The Job's deadline in nanoseconds (`JobDeadlineFor`). It is later than the check's timeout and the end of the wait,
 * so that a check can end on its own and its pod still exists when its result is read.
 */
export function jobDeadlineFor(checkTimeoutNs: bigint): bigint {
  // A duration has 64 bits, so the longest ones overflow, as in Go.
  return BigInt.asIntN(64, checkTimeoutNs + msToNs(VALIDATOR_JOB_DEADLINE_HEADROOM_MS));
}

/** The Job's `activeDeadlineSeconds`: whole seconds, truncated toward zero through a float, as Go converts. */
export function jobDeadlineSeconds(checkTimeoutNs: bigint): number {
  const deadline = jobDeadlineFor(checkTimeoutNs);
  return Math.trunc(Number(deadline / NS_PER_SECOND) + Number(deadline % NS_PER_SECOND) / 1e9);
}

export interface WaitInput {
  /** The Job's `status.startTime`, or else its `creationTimestamp`; null if neither is known. */
  observedStartMs: number | null;
  nowMs: number;
  timeoutNs: bigint;
}

/**
 * How long to wait for a Job from now on, in milliseconds (`OrchestratorWaitFor`):
 * - the whole budget, if no start was observed;
 * - otherwise what is left of the budget, and at least 30 s;
 * - a wait that was raised to 30 s ends one second before the Job's deadline, if the deadline is more than a second
 *   away.
 *
 * The last rule is from AICR's newest test table.
 */
export function orchestratorWaitFor(input: WaitInput): number {
  const timeoutMs = nsToMs(input.timeoutNs);
  const budget = timeoutMs + VALIDATOR_WAIT_BUFFER_MS;
  if (input.observedStartMs === null) return budget;
  const elapsed = input.nowMs - input.observedStartMs;
  const remaining = Math.min(budget - elapsed, budget);
  if (remaining >= VALIDATOR_MIN_COMPLETION_WAIT_MS) return remaining;
  const toDeadline = timeoutMs + VALIDATOR_JOB_DEADLINE_HEADROOM_MS - elapsed - VALIDATOR_PRE_DEADLINE_MARGIN_MS;
  return toDeadline > 0 ? Math.min(toDeadline, VALIDATOR_MIN_COMPLETION_WAIT_MS) : VALIDATOR_MIN_COMPLETION_WAIT_MS;
}
