import { CancellationScope, isCancellation, patched, sleep } from '@temporalio/workflow';
import {
  backoffMs,
  DEFAULT_ATTEMPTS,
  isInfrastructure,
  MAX_QUEUED_ATTEMPTS,
  mayRunAgain,
} from '../run/ending/retry-rules.ts';
import type { EarlierAttempt, ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { FIRST_ATTEMPT } from '../run/plan/run-plan.ts';
import { notableCauses } from '../run/search-attributes.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { searchableBy } from './upsert-search-attributes.ts';
import { type JobCleanup, ValidatorJob } from './validator-job.ts';

/** What an outcome tells of earlier attempts; a validator may have waited for room many times. */
const MAX_EARLIER = 10;

/**
 * One validator, from its Job's creation to its absence: `deployJob`, `waitForCompletion`, `extractResult` or `handleTimeout`, and in every
 * case `cleanupJob` and `waitForPodTermination`, also when the run is cancelled. Where the infrastructure ended it, and it provably did not
 * run or may run again, it gets another Job; a verdict never is a reason for that. The result is small; the log is in the result store.
 */
export async function runValidator(input: RunValidatorInput): Promise<ValidatorOutcome> {
  if (input.version !== 1) {
    // A plain error fails the workflow task, not the workflow: in the middle of an upgrade a newer worker takes it up.
    throw new Error(
      `this worker knows version 1 of runValidator's input, not ${String(input.version)}: it waits for a newer worker`,
    );
  }
  const { run, entry } = input;
  const searchable = searchableBy(input.searchAttributes === true, {
    ProctorCluster: run.cluster.name,
    ProctorRunId: run.runId,
    ProctorValidator: entry.name,
  });
  try {
    const outcome = await lastAttempt(input);
    searchable({ ProctorState: outcome.status, ProctorCauses: notableCauses([outcome]) });
    return outcome;
  } catch (error) {
    searchable({ ProctorState: isCancellation(error) ? 'cancelled' : 'error' });
    throw error;
  }
}

/** The first attempt that is not worth another, with what there is to tell of those before it. */
async function lastAttempt(input: RunValidatorInput): Promise<ValidatorOutcome> {
  const earlier: EarlierAttempt[] = [];
  const left: string[] = [];
  const kept: string[] = [];
  for (let attempt = FIRST_ATTEMPT; ; attempt++) {
    const job = new ValidatorJob(input, attempt);
    const ended = await settled(job.toOutcome());
    const outcome = ended.value;
    const cleanup = await CancellationScope.nonCancellable(() => job.cleanUp(outcome));
    left.push(...(cleanup.left ?? []));
    if (cleanup.kept !== undefined) kept.push(cleanup.kept);
    if (outcome === undefined) throw ended.error;
    if (!isWorthAnother(outcome, cleanup, input, earlier)) return withHistory(outcome, earlier, left, kept);
    const { cause, evidence, startMs, stopMs } = outcome;
    earlier.push({ job: job.name, cause, ...(evidence === undefined ? {} : { evidence }), startMs, stopMs });
    await sleep(backoffMs(attempt), { summary: `before attempt ${attempt + 1}: ${cause}` });
  }
}

function isWorthAnother(
  outcome: ValidatorOutcome,
  cleanup: JobCleanup,
  { entry, attempts }: RunValidatorInput,
  earlier: EarlierAttempt[],
): boolean {
  if (!isInfrastructure(outcome) || !mayRunAgain(outcome, entry, isGone(cleanup))) return false;
  if (outcome.cause === 'queued') return earlier.length < MAX_QUEUED_ATTEMPTS;
  const counted = earlier.filter(({ cause }) => cause !== 'queued').length + 1;
  return counted < (attempts ?? DEFAULT_ATTEMPTS);
}

/** A Job that could not be removed may start yet; a pod may have started between the reading of its result and its deletion. */
function isGone({ left = [], started }: JobCleanup): boolean {
  if (started === true) return false;
  // Runs that began before this was looked at went on.
  return left.length === 0 || !patched('left-may-start');
}

function withHistory(
  outcome: ValidatorOutcome,
  earlier: EarlierAttempt[],
  left: string[],
  kept: string[],
): ValidatorOutcome {
  return {
    ...outcome,
    ...(earlier.length === 0 ? {} : { earlier: earlier.slice(-MAX_EARLIER) }),
    ...(left.length === 0 ? {} : { left }),
    ...(kept.length === 0 ? {} : { kept }),
  };
}

async function settled<T>(work: Promise<T>): Promise<{ value?: T; error?: unknown }> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
