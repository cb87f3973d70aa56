/** The clocks of a validator run (contract.md, section 2; `v1.JobDeadlineFor`, `v1.OrchestratorWaitFor`, `effectiveTimeout`). */
import {
  VALIDATOR_DEFAULT_TIMEOUT_MS,
  VALIDATOR_JOB_DEADLINE_HEADROOM_MS,
  VALIDATOR_MIN_COMPLETION_WAIT_MS,
  VALIDATOR_PRE_DEADLINE_MARGIN_MS,
  VALIDATOR_WAIT_BUFFER_MS,
} from '../constants.ts';
import { msToNs, NS_PER_SECOND, nsToMs, parseGoDuration } from '../go/duration.ts';

/** A catalog's timeout as nanoseconds; none, or zero, means the default of five minutes. */
export function effectiveTimeoutNs(timeout: string | bigint | undefined): bigint {
  const ns =
    typeof timeout === 'bigint' ? timeout : timeout === undefined || timeout === '' ? 0n : parseGoDuration(timeout);
  return ns === 0n ? msToNs(VALIDATOR_DEFAULT_TIMEOUT_MS) : ns;
}

/** `JobDeadlineFor`: the Job lives longer than the check, so that a check ends itself and its pod survives to be read. */
export function jobDeadlineFor(checkTimeoutNs: bigint): bigint {
  // A duration has 64 bits: the longest ones wrap, as they do in Go.
  return BigInt.asIntN(64, checkTimeoutNs + msToNs(VALIDATOR_JOB_DEADLINE_HEADROOM_MS));
}

/** `activeDeadlineSeconds`: the deadline in whole seconds, truncated toward zero as Go's conversion by way of a float does. */
export function jobDeadlineSeconds(checkTimeoutNs: bigint): number {
  const deadline = jobDeadlineFor(checkTimeoutNs);
  return Math.trunc(Number(deadline / NS_PER_SECOND) + Number(deadline % NS_PER_SECOND) / 1e9);
}

export interface WaitInput {
  /** status.startTime of the Job, else its creationTimestamp; null when neither is known. */
  observedStartMs: number | null;
  nowMs: number;
  timeoutNs: bigint;
}

/**
 * `OrchestratorWaitFor`: how long, in milliseconds, to wait for a Job from now on. The whole budget while nothing is known of a start;
 * what is left of it after one, never less than 30 s; and a wait that was lifted to 30 s is cut so that it ends before the Job's
 * deadline does, while that is still more than a second away (AICR's newest test table; contract.md, section 2).
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
