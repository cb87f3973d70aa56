import type { CtrfAttempt, ReportEntry } from '../aicr/result/ctrf.ts';
import type { ValidatorResult } from '../aicr/result/validator-result.ts';
import type { EarlierAttempt, ValidatorOutcome } from '../run/ending/validator-outcome.ts';

/**
 * Builds a validator's entry in the report from its stored result, or from its outcome if there is none. Proctor adds
 * cause and evidence, attempts and timings to AICR's own fields. All values of `extra` are strings, since AICR reads no
 * other type.
 */
export function reportEntry(outcome: ValidatorOutcome, stored: ValidatorResult | undefined): ReportEntry {
  const { name, phase, cause, message, extra } = outcome;
  if (cause === 'skipped') return { name, phase, skipped: true, reason: message, ...(extra && { extra }) };
  const result = stored ?? withoutResult(outcome);
  const earlier = outcome.earlier ?? [];
  return {
    ...result,
    rawStatus: cause,
    ...(earlier.length === 0 ? {} : { retries: earlier.length, retryAttempts: earlier.map(attempt) }),
    extra: {
      ...result.extra,
      ...extraOf(outcome),
      ...lostLogOf(outcome, stored),
    },
  };
}

function extraOf({ cause, evidence, node, timings = {}, earlier = [] }: ValidatorOutcome): Record<string, string> {
  const extra: Record<string, string> = { cause };
  if (evidence !== undefined) extra.evidence = evidence;
  if (node !== undefined) extra.node = node;
  if (earlier.length > 0) extra.attempts = String(earlier.length + 1);
  for (const [name, ms] of Object.entries(timings)) extra[name] = String(ms);
  return extra;
}

/** Why the log of a validator that may have written one is missing. */
function lostLogOf(outcome: ValidatorOutcome, stored: ValidatorResult | undefined): Record<string, string> {
  if (outcome.lost !== undefined) return { lost: `the log could not be kept: ${outcome.lost}` };
  return outcome.stored && stored === undefined ? { lost: 'the log is no longer in the result store' } : {};
}

function withoutResult({ name, phase, exitCode, message, startMs, stopMs }: ValidatorOutcome): ValidatorResult {
  const times = { startedAtMs: startMs, completedAtMs: stopMs, durationMs: stopMs - startMs };
  return { name, phase, exitCode, terminationMsg: message, stdout: [], ...times };
}

function attempt({ cause, evidence, startMs, stopMs }: EarlierAttempt, index: number): CtrfAttempt {
  const message = evidence === undefined ? cause : `${cause}: ${evidence}`;
  return {
    attempt: index + 1,
    status: 'other',
    duration: Math.max(0, stopMs - startMs),
    message,
    start: startMs,
    stop: stopMs,
  };
}
