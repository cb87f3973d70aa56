import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import { effectiveTimeoutNs, jobDeadlineSeconds } from '../contract/clocks.ts';
import type { Ending } from '../contract/ending.ts';
import { jobName, jobNameSuffix } from '../contract/names.ts';
import { deployFailure } from '../contract/outcome.ts';
import type { NamedUid, RunValidatorInput, ValidatorOutcome } from '../contract/run.ts';
import { activitiesOn, CLEANUP_BOUND, type ClusterActivities } from './activities.ts';
import { rootCause } from './failure.ts';
import { within } from './within.ts';

const ATTEMPT = 1;
/** Past the Job's own deadline nothing can still be waited for; this ends a wait whose worker lost its clock. */
const WAIT_MARGIN_S = 600;

/**
 * One validator, from its Job's creation to its absence: `deployJob`, `waitForCompletion`, `extractResult` or `handleTimeout`, and in every
 * case `cleanupJob` and `waitForPodTermination`, also when the run is cancelled. Its result is small; the log is in the result store.
 */
export async function runValidator(input: RunValidatorInput): Promise<ValidatorOutcome> {
  if (input.version !== 1)
    throw ApplicationFailure.nonRetryable(
      `this worker knows version 1 of runValidator's input, not ${String(input.version)}`,
      'UnknownInputVersion',
    );
  const validator = new ValidatorRun(input);
  const ended = await settled(validator.toOutcome());
  const left = await CancellationScope.nonCancellable(() => validator.cleanUp());
  if ('error' in ended) throw ended.error;
  return left.length === 0 ? ended.value : { ...ended.value, left };
}

async function settled<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

class ValidatorRun {
  readonly #input: RunValidatorInput;
  readonly #activities: ClusterActivities;
  readonly #job: { name: string; uid?: string };
  #deployTried = false;
  #outcome: ValidatorOutcome | undefined;

  constructor(input: RunValidatorInput) {
    this.#input = input;
    this.#activities = activitiesOn(input.run.cluster.name);
    const identity = { runId: input.run.runId, validator: input.entry.name, attempt: ATTEMPT };
    this.#job = { name: jobName(input.entry.name, jobNameSuffix(identity)) };
  }

  async toOutcome(): Promise<ValidatorOutcome> {
    const startMs = Date.now();
    this.#say('deploying');
    const job = await this.#deploy();
    if ('failure' in job) {
      this.#outcome = deployFailure(this.#input.entry, job.failure, startMs, Date.now());
      return this.#outcome;
    }
    this.#say('waiting for its end');
    const ending = await this.#wait(job);
    this.#say('reading its result');
    this.#outcome = await this.#read(job, ending, startMs);
    this.#say(this.#outcome.status);
    return this.#outcome;
  }

  /**
   * Registered before the deploy: a deploy that failed on its way may have made the Job. Whatever goes wrong here takes nothing from the
   * outcome; the run's own cleanup waits for what is left, through the anchor.
   * @returns what is still there, in words.
   */
  async cleanUp(): Promise<string[]> {
    if (!this.#deployTried) return [];
    const { run } = this.#input;
    const input = { version: 1 as const, run, job: this.#job };
    try {
      return await within(CLEANUP_BOUND, 'bound of the cleanup', async () => {
        await this.#activities.cleanup(`delete ${this.#job.name}`).cleanupJob(input);
        const { left } = await this.#activities.gone(`${this.#job.name} gone`).waitForPodTermination(input);
        return left;
      });
    } catch (error) {
      const why = isCancellation(error) ? `cleanup was not done within ${CLEANUP_BOUND}` : rootCause(error);
      return [`Job/${this.#job.name}: ${why}`];
    }
  }

  async #deploy(): Promise<NamedUid | { failure: string }> {
    this.#deployTried = true;
    try {
      const job = await this.#activities.work(this.#job.name).deployJob({ ...this.#input, attempt: ATTEMPT });
      this.#job.uid = job.uid;
      return job;
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { failure: rootCause(error) };
    }
  }

  #wait(job: NamedUid): Promise<Ending> {
    const { run, entry } = this.#input;
    const startToCloseTimeout = (jobDeadlineSeconds(effectiveTimeoutNs(entry.timeout)) + WAIT_MARGIN_S) * 1000;
    const { waitForCompletion } = this.#activities.wait(`${run.cluster.name}/${run.namespace}/${job.name}`, {
      startToCloseTimeout,
    });
    return waitForCompletion({ version: 1, run, job, timeout: entry.timeout });
  }

  #read(job: NamedUid, ending: Ending, startMs: number): Promise<ValidatorOutcome> {
    const { run, anchor, entry } = this.#input;
    const { name, phase, timeout } = entry;
    const input = { version: 1 as const, run, anchor, job, ending, validator: { name, phase, timeout }, startMs };
    if (ending.kind === 'terminal') return this.#activities.read(`result of ${job.name}`).extractResult(input);
    return this.#activities.read(`${job.name}: ${ending.kind}`).handleTimeout(input);
  }

  #say(step: string): void {
    const { entry, run } = this.#input;
    const outcome = this.#outcome;
    const why = outcome === undefined || outcome.message === '' ? '' : `\n\n${outcome.cause}: ${outcome.message}`;
    setCurrentDetails(
      `**${entry.name}** (${entry.phase}) on ${run.cluster.name}: ${step}${why}\n\nJob \`${run.namespace}/${this.#job.name}\``,
    );
  }
}
