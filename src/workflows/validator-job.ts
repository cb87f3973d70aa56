import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { formatGoDuration, msToNs } from '../aicr/go/duration.ts';
import { effectiveTimeoutNs, jobDeadlineSeconds } from '../aicr/job/clocks.ts';
import { jobName, jobNameSuffix } from '../aicr/job/names.ts';
import type { Status } from '../aicr/result/status.ts';
import { cleanupFrom, isKept } from '../run/cleanup/cleanup-policy.ts';
import type { Ending, Queue, QueueChange } from '../run/ending/ending.ts';
import { CLUSTER_UNREACHABLE, deployFailure, unreachable } from '../run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { activitiesOn, type ClusterActivities } from './activity-stubs.ts';
import { rootCause } from './join-failures.ts';
import { roomSignal } from './room-signal.ts';
import { withTimeout } from './with-timeout.ts';

/** Past the Job's own deadline a wait is begun anew, from what it had seen: it may be one whose worker lost its clock. */
const WAIT_MARGIN_S = 600;
/** How often a wait tells of its queue before it stops telling: each time is a few events. */
const MAX_QUEUE_CHANGES = 40;

/** What became of an attempt's Job: nothing is said of one that is gone. */
export interface JobCleanup {
  /** What is still there although it should not be: kind and name, what holds it, and what to do. */
  left?: string[];
  /** The validator had started by the time its pod went. */
  started?: true;
  /** The Job, where it was kept. */
  kept?: string;
}

/** One attempt at a validator: its Job, from before its creation to its absence. */
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

  async toOutcome(): Promise<ValidatorOutcome> {
    const { entry } = this.#input;
    const startMs = Date.now();
    this.#say('deploying');
    const job = await this.#deploy();
    if ('failure' in job) return this.#ended(deployFailure(entry, job.failure, startMs, Date.now()));
    this.#say('waiting for its end');
    const ending = await this.#wait(job);
    if ('failure' in ending) return this.#ended(unreachable(entry, ending.failure, startMs, Date.now()));
    this.#say('reading its result');
    return this.#ended(await this.#read(job, ending, startMs));
  }

  /**
   * Registered before the deploy: a deploy that failed on its way may have made the Job. Whatever goes wrong here takes nothing from the
   * outcome; the run's own cleanup waits for what is left, through the anchor.
   * @param outcome undefined where the attempt came to none: nothing of it is kept.
   */
  async cleanUp(outcome: ValidatorOutcome | undefined): Promise<JobCleanup> {
    if (!this.#deployTried) return {};
    const { timeoutMs } = this.#cleanup;
    try {
      return await withTimeout(timeoutMs, 'bound of the cleanup', async () => {
        if (outcome !== undefined && (await this.#keep(outcome.status))) return { kept: `Job/${this.name}` };
        return await this.#delete();
      });
    } catch (error) {
      const bound = formatGoDuration(msToNs(timeoutMs));
      const why = isCancellation(error) ? `cleanup was not done withTimeout ${bound}` : rootCause(error);
      return { left: [`Job/${this.name}: ${why}`] };
    }
  }

  /** @returns whether the Job stays: it is to be kept, and has ended. */
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
    return this.#activities.gone(`${this.name} gone`).waitForPodTermination(input);
  }

  async #deploy(): Promise<NamedUid | { failure: string }> {
    this.#deployTried = true;
    try {
      const job = await this.#activities.work(this.name).deployJob({ ...this.#input, attempt: this.#attempt });
      this.#uid = job.uid;
      return job;
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { failure: rootCause(error) };
    }
  }

  /** Waits for the Job, telling the run whenever its pod begins or ceases to wait for room. */
  async #wait(job: NamedUid): Promise<Ending | { failure: string }> {
    const { run, entry, graces } = this.#input;
    const startToCloseTimeout = (jobDeadlineSeconds(effectiveTimeoutNs(entry.timeout)) + WAIT_MARGIN_S) * 1000;
    const summary = `${run.cluster.name}/${run.namespace}/${job.name}`;
    const { waitForCompletion } = this.#activities.wait(summary, { startToCloseTimeout });
    const input = { version: 1 as const, run, job, timeout: entry.timeout, ...(graces && { graces }) };
    let queue: Queue = 'none';
    try {
      for (let changes = 0; ; changes++) {
        const ending: Ending | QueueChange = await waitForCompletion(
          changes < MAX_QUEUE_CHANGES ? { ...input, queue } : input,
        );
        if (ending.kind !== 'queue') {
          if (queue === 'room') await tellRun(entry.name, false);
          return ending;
        }
        const { evidence = '' } = ending;
        this.#say(ending.queue === 'none' ? 'waiting for its end' : `queued: ${evidence}`);
        if ((ending.queue === 'room') !== (queue === 'room')) await tellRun(entry.name, ending.queue === 'room');
        queue = ending.queue;
      }
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      return { failure: rootCause(error) };
    }
  }

  #read(job: NamedUid, ending: Ending, startMs: number): Promise<ValidatorOutcome> {
    const { run, anchor, entry } = this.#input;
    const { name, phase, timeout } = entry;
    const input = { version: 1 as const, run, anchor, job, ending, validator: { name, phase, timeout }, startMs };
    if (ending.kind === 'terminal' || ending.kind === 'done')
      return this.#activities.read(`result of ${job.name}`).extractResult(input);
    return this.#activities.read(`${job.name}: ${ending.kind}`).handleTimeout(input);
  }

  #ended(outcome: ValidatorOutcome): ValidatorOutcome {
    const { status, cause, message } = outcome;
    this.#say(message === '' ? status : `${status}\n\n${cause}: ${message}`);
    return outcome;
  }

  #say(step: string): void {
    const { entry, run } = this.#input;
    const which = this.#attempt === 1 ? '' : `, attempt ${this.#attempt}`;
    setCurrentDetails(
      `**${entry.name}** (${entry.phase}) on ${run.cluster.name}${which}: ${step}\n\nJob \`${run.namespace}/${this.name}\``,
    );
  }
}

/** Whoever started this validator may hold back its siblings while there is no room; who does not listen loses nothing. */
async function tellRun(validator: string, waits: boolean): Promise<void> {
  const { parent } = workflowInfo();
  if (parent === undefined) return;
  await getExternalWorkflowHandle(parent.workflowId, parent.runId)
    .signal(roomSignal, { validator, waits })
    .catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
}

/** The wait gave the cluster up; all other trouble it goes on with for ever. */
function isOutOfReach(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === CLUSTER_UNREACHABLE;
}
