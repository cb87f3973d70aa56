import type { CtrfAttempt, ReportEntry } from '../aicr/result/ctrf.ts';
import type { ValidatorResult } from '../aicr/result/validator-result.ts';
import type { EarlierAttempt, ValidatorOutcome } from '../run/ending/validator-outcome.ts';

/**
 * A validator in the report: its result as it was kept, or what its outcome says where there is none, and beside the contract's own fields
 * what Proctor knows of it: cause and evidence, attempts, and where its time went. AICR reads only strings in a test's `extra`.
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
      ...knowledge(outcome),
      ...lostOf(outcome, stored),
    },
  };
}

/** What is said in `extra`. */
function knowledge({ cause, evidence, node, timings = {}, earlier = [] }: ValidatorOutcome): Record<string, string> {
  const said: Record<string, string> = { cause };
  if (evidence !== undefined) said.evidence = evidence;
  if (node !== undefined) said.node = node;
  if (earlier.length > 0) said.attempts = String(earlier.length + 1);
  for (const [name, ms] of Object.entries(timings)) said[name] = String(ms);
  return said;
}

/** Why there is no log, of a validator that may have written one. */
function lostOf(outcome: ValidatorOutcome, stored: ValidatorResult | undefined): Record<string, string> {
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
