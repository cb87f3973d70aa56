import { ActivityFailure, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { formatGoDuration, msToNs } from '../aicr/go/duration.ts';
import { jobName, jobNameSuffix } from '../aicr/job/names.ts';
import type { Status } from '../aicr/result/status.ts';
import { cleanupFrom, isKept } from '../run/cleanup/cleanup-policy.ts';
import type { Ending } from '../run/ending/ending.ts';
import { deployFailedOutcome, unreachableOutcome } from '../run/ending/outcomes-without-result.ts';
import type { QueueChange } from '../run/ending/queue.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { activitiesOn, type ClusterActivities } from './activity-stubs.ts';
import { rootCause } from './join-failures.ts';
import { type Result, resultOf } from './result.ts';
import { waitForJob } from './wait-for-job.ts';
import { withTimeout } from './with-timeout.ts';

/** What became of an attempt's Job. Empty if the Job is gone. */
export interface JobCleanup {
  /** What is still on the cluster and should not be: kind and name, what holds it, and what to do. */
  left?: string[];
  /** Whether the validator had started by the time its pod was deleted. */
  started?: true;
  /** The Job, by kind and name, if it was kept. */
  kept?: string;
}

/** One attempt of a validator: its Job, from creation to removal. */
export class ValidatorJob {
  readonly name: string;
  readonly #input: RunValidatorInput;
  readonly #attempt: number;
  readonly #activities: ClusterActivities;
  readonly #cleanup: NonNullable<RunValidatorInput['cleanup']>;
  #uid: string | undefined;
  #deployTried = false;

  constructor(input: RunValidatorInput, attempt: number) {
    this.#input = input;
    this.#attempt = attempt;
    this.#activities = activitiesOn(input.run.cluster.name);
    this.#cleanup = input.cleanup ?? cleanupFrom();
    const identity = { runId: input.run.runId, validator: input.entry.name, attempt };
    this.name = jobName(input.entry.name, jobNameSuffix(identity));
  }

  /** Deploys the Job, waits for its end and reads its result. Call {@link cleanUp} afterwards in any case. */
  async run(): Promise<ValidatorOutcome> {
    const { entry } = this.#input;
    const startMs = Date.now();
    this.#show('deploying');
    const job = await this.#deploy();
    if (!job.ok) return this.#ended(deployFailedOutcome(entry, job.error, startMs, Date.now()));
    this.#show('waiting for the Job to end');
    const onQueueChange = (change: QueueChange) => this.#showQueue(change);
    const ending = await waitForJob(this.#input, job.value, this.#activities, onQueueChange);
    if (!ending.ok) return this.#ended(unreachableOutcome(entry, ending.error, startMs, Date.now()));
    this.#show('reading the result');
    return this.#ended(await this.#readResult(job.value, ending.value, startMs));
  }

  /**
   * Removes or keeps the attempt's Job, even if its deploy failed, since the API server may have created the Job
   * anyway. Never rejects: a failure here does not change the outcome, and the run's own cleanup waits for what is
   * left, through the anchor.
   * Keeps G3: removes the Job even if its deploy failed.
   * @param result of {@link run}; if that failed, the Job is not kept.
   */
  async cleanUp(result: Result<ValidatorOutcome>): Promise<JobCleanup> {
    if (!this.#deployTried) return {};
    const { timeoutMs } = this.#cleanup;
    const cleaned = await resultOf(() =>
      withTimeout(timeoutMs, 'timeout of the cleanup', async () => {
        if (result.ok && (await this.#keep(result.value.status))) return { kept: `Job/${this.name}` };
        return await this.#delete();
      }),
    );
    if (cleaned.ok) return cleaned.value;
    const why = isCancellation(cleaned.error)
      ? `cleanup did not finish within ${formatGoDuration(msToNs(timeoutMs))}`
      : rootCause(cleaned.error);
    return { left: [`Job/${this.name}: ${why}`] };
  }

  /** @returns whether the Job stays, which it does if the policy says so and the Job has ended. */
  async #keep(status: Status): Promise<boolean> {
    const { jobs, keepForMs } = this.#cleanup;
    if (this.#uid === undefined || !isKept(jobs, status)) return false;
    const job = { name: this.name, uid: this.#uid };
    const expires = new Date(Date.now() + keepForMs).toISOString();
    const { run } = this.#input;
    const { kept } = await this.#activities.cleanup(`keep ${this.name}`).keepJob({ version: 1, run, job, expires });
    return kept;
  }

  async #delete(): Promise<JobCleanup> {
    const job = this.#uid === undefined ? { name: this.name } : { name: this.name, uid: this.#uid };
    const input = { version: 1 as const, run: this.#input.run, job };
    await this.#activities.cleanup(`delete ${this.name}`).cleanupJob(input);
    return this.#activities.gone(`wait until ${this.name} is gone`).waitForPodTermination(input);
  }

  async #deploy(): Promise<Result<NamedUid, string>> {
    this.#deployTried = true;
    const { deployJob } = this.#activities.work(this.name);
    const deployed = await resultOf(() => deployJob({ ...this.#input, attempt: this.#attempt }));
    if (deployed.ok) {
      this.#uid = deployed.value.uid;
      return deployed;
    }
    const { error } = deployed;
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { ok: false, error: rootCause(error) };
  }

  #readResult(job: NamedUid, ending: Ending, startMs: number): Promise<ValidatorOutcome> {
    const { run, anchor, entry } = this.#input;
    const { name, phase, timeout } = entry;
    const input = { version: 1 as const, run, anchor, job, ending, validator: { name, phase, timeout }, startMs };
    if (ending.kind === 'terminal' || ending.kind === 'done')
      return this.#activities.read(`result of ${job.name}`).extractResult(input);
    return this.#activities.read(`${job.name}: ${ending.kind}`).handleTimeout(input);
  }

  #ended(outcome: ValidatorOutcome): ValidatorOutcome {
    const { status, cause, message } = outcome;
    this.#show(message === '' ? status : `${status}\n\n${cause}: ${message}`);
    return outcome;
  }

  #showQueue({ queue, evidence = '' }: QueueChange): void {
    this.#show(queue === 'none' ? 'waiting for the Job to end' : `queued: ${evidence}`);
  }

  /** Shows what the attempt is doing in the Web UI. */
  #show(step: string): void {
    const { entry, run } = this.#input;
    const attempt = this.#attempt === 1 ? '' : `, attempt ${this.#attempt}`;
    setCurrentDetails(
      `**${entry.name}** (${entry.phase}) on ${run.cluster.name}${attempt}: ${step}\n\nJob \`${run.namespace}/${this.name}\``,
    );
  }
}
