import { CancellationScope, isCancellation, patched, sleep } from '@temporalio/workflow';
import {
  backoffMs,
  DEFAULT_ATTEMPTS,
  isInfrastructureEnd,
  MAX_QUEUED_ATTEMPTS,
  mayRunAgain,
} from '../run/ending/retry-rules.ts';
import type { EarlierAttempt, ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { FIRST_ATTEMPT } from '../run/plan/plan-job.ts';
import { notableCauses } from '../run/search-attributes.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { resultOf } from './result.ts';
import { searchAttributeUpserter } from './upsert-search-attributes.ts';
import { type JobCleanup, ValidatorJob } from './validator-job.ts';

/** How many earlier attempts an outcome lists: the last ones. A validator that waits for room may have had up to 50. */
const MAX_EARLIER = 10;

/**
 * Runs one validator until its Job is gone: `deployJob`, `waitForCompletion`, then `extractResult` or
 * `handleTimeout`, and always `cleanupJob` and `waitForPodTermination`, even if the run is cancelled. The validator
 * gets another Job if the infrastructure ended the last one and either its container never started or the catalog entry
 * is `rerunnable`. A verdict is never retried. The result is small; the result store holds the log.
 */
export async function runValidator(input: RunValidatorInput): Promise<ValidatorOutcome> {
  if (input.version !== 1) {
    // A plain error fails the workflow task, not the workflow: during an upgrade, a newer worker takes the task over.
    throw new Error(
      `this worker knows version 1 of runValidator's input, not ${String(input.version)}: it waits for a newer worker`,
    );
  }
  const { run, entry } = input;
  const upsertSearchAttributes = searchAttributeUpserter(input.searchAttributes === true, {
    ProctorCluster: run.cluster.name,
    ProctorRunId: run.runId,
    ProctorValidator: entry.name,
  });
  try {
    const outcome = await runAttempts(input);
    upsertSearchAttributes({ ProctorState: outcome.status, ProctorCauses: notableCauses([outcome]) });
    return outcome;
  } catch (error) {
    upsertSearchAttributes({ ProctorState: isCancellation(error) ? 'cancelled' : 'error' });
    throw error;
  }
}

/** Runs attempts until one needs no retry. Its outcome lists the attempts before it. */
async function runAttempts(input: RunValidatorInput): Promise<ValidatorOutcome> {
  const history: AttemptHistory = { earlier: [], left: [], kept: [] };
  for (let attempt = FIRST_ATTEMPT; ; attempt++) {
    const job = new ValidatorJob(input, attempt);
    const result = await resultOf(() => job.run());
    const cleanup = await CancellationScope.nonCancellable(() => job.cleanUp(result));
    history.left.push(...(cleanup.left ?? []));
    if (cleanup.kept !== undefined) history.kept.push(cleanup.kept);
    if (!result.ok) throw result.error;
    const outcome = result.value;
    if (!shouldRetry(outcome, cleanup, input, history)) return withHistory(outcome, history);
    const { cause, evidence, startMs, stopMs } = outcome;
    history.earlier.push({ job: job.name, cause, ...(evidence === undefined ? {} : { evidence }), startMs, stopMs });
    await sleep(backoffMs(attempt), { summary: `before attempt ${attempt + 1}: ${cause}` });
  }
}

/** What the attempts of a validator left behind. */
interface AttemptHistory {
  earlier: EarlierAttempt[];
  left: string[];
  kept: string[];
}

function shouldRetry(
  outcome: ValidatorOutcome,
  cleanup: JobCleanup,
  { entry, attempts = DEFAULT_ATTEMPTS }: RunValidatorInput,
  { earlier }: AttemptHistory,
): boolean {
  if (!isInfrastructureEnd(outcome) || !mayRunAgain(outcome, entry, isGone(cleanup))) return false;
  if (outcome.cause === 'queued') return earlier.length < MAX_QUEUED_ATTEMPTS;
  const counted = earlier.filter(({ cause }) => cause !== 'queued').length + 1;
  return counted < attempts;
}

/**
 * Whether the attempt's Job is gone, and none of its pods started between the reading of its result and its deletion. A
 * Job that is not gone may still start a pod.
 */
function isGone({ left = [], started }: JobCleanup): boolean {
  if (started === true) return false;
  // A run that started before this check existed retries even if something is left.
  return left.length === 0 || !patched('left-may-start');
}

function withHistory(outcome: ValidatorOutcome, { earlier, left, kept }: AttemptHistory): ValidatorOutcome {
  return {
    ...outcome,
    ...(earlier.length === 0 ? {} : { earlier: earlier.slice(-MAX_EARLIER) }),
    ...(left.length === 0 ? {} : { left }),
    ...(kept.length === 0 ? {} : { kept }),
  };
}
