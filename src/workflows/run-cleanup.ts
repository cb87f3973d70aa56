import { isCancellation, patched } from '@temporalio/workflow';
import type { JoinedError } from '../activities/to-failure.ts';
import { formatGoDuration, msToNs } from '../aicr/go/duration.ts';
import { snapshotConfigMapName, validationConfigMapName } from '../aicr/job/names.ts';
import type { Status } from '../aicr/result/status.ts';
import { anchorName, resultName } from '../run/anchor.ts';
import { type Cleanup, isKept } from '../run/cleanup/cleanup-policy.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { RunScope } from '../run/scope.ts';
import type { ClusterActivities } from './activity-stubs.ts';
import { joinedErrors } from './join-failures.ts';
import { resultOf } from './result.ts';
import { withTimeout } from './with-timeout.ts';

/** How long the last check for remaining objects may take after the cleanup's own time is over. */
const LAST_CHECK_MS = 60_000;

/** The result of a run's cleanup. */
export interface CleanupEnd {
  /** What is still on the cluster and should not be: kind and name, what holds it, and what to do. */
  left: string[];
  /** What was kept on purpose, by kind and name. */
  kept: string[];
  /** When the sweep may remove what was kept, in RFC 3339. */
  keptUntil?: string;
  /** The errors of steps that failed, even if the objects of those steps are gone. */
  errors: JoinedError[];
}

/** What a run keeps on the cluster after it has ended. */
export interface Retention {
  /** Its data and results. */
  data: boolean;
  /** Its anchor, which owns the data and the Jobs: kept if any of them is. */
  anchor: boolean;
  /** Until when, in RFC 3339. */
  expires: string;
}

interface CleanupStep {
  what: string;
  undo: (retention: Retention) => Promise<unknown>;
}

/** Removes what a run created, in reverse order, and checks that it is gone. */
export class RunCleanup {
  readonly #activities: ClusterActivities;
  readonly #policy: Cleanup;
  readonly #steps: CleanupStep[] = [];

  constructor(activities: ClusterActivities, policy: Cleanup) {
    this.#activities = activities;
    this.#policy = policy;
  }

  /**
   * Adds a step that removes an object. Call it before the object is created: a call that fails may have created the
   * object.
   */
  register(what: string, undo: CleanupStep['undo']): void {
    this.#steps.push({ what, undo });
  }

  /** @param status how the run ended; undefined if it was cancelled or could not do its work. */
  async run(scope: RunScope, outcomes: ValidatorOutcome[], status: Status | undefined): Promise<CleanupEnd> {
    const startMs = Date.now();
    const retention = this.#retention(outcomes, status);
    const errors = await this.#undoSteps(retention);
    const remaining = await this.#findRemaining(scope, startMs + this.#policy.timeoutMs - Date.now());
    const kept = retention.anchor
      ? { kept: keptObjects(scope, outcomes, retention), keptUntil: retention.expires }
      : { kept: [] };
    const left = remaining ?? leftByValidators(outcomes, errors, retention);
    return { ...kept, left, errors };
  }

  #retention(outcomes: ValidatorOutcome[], status: Status | undefined): Retention {
    // A run in which no validator started has no data that is worth keeping.
    const data = outcomes.some(({ started, stored }) => started || stored) && isKept(this.#policy.run, status);
    return {
      data,
      anchor: data || outcomes.some(({ kept = [] }) => kept.length > 0),
      expires: new Date(Date.now() + this.#policy.keepForMs).toISOString(),
    };
  }

  /** Runs every step, the last registered first, and returns the errors of those that failed. */
  async #undoSteps(retention: Retention): Promise<JoinedError[]> {
    const errors: JoinedError[] = [];
    const { timeoutMs } = this.#policy;
    const undone = await resultOf(() =>
      withTimeout(timeoutMs, 'timeout of the cleanup', async () => {
        for (const { what, undo } of [...this.#steps].reverse()) {
          const step = await resultOf(() => undo(retention));
          if (step.ok) continue;
          if (isCancellation(step.error)) throw step.error;
          errors.push(...joinedErrors(step.error).map((one) => ({ ...one, message: `${what}: ${one.message}` })));
        }
      }),
    );
    if (undone.ok) return errors;
    if (!isCancellation(undone.error)) throw undone.error;
    const message = `cleanup did not finish within ${formatGoDuration(msToNs(timeoutMs))}`;
    return [...errors, { type: 'CleanupTimeout', message, nonRetryable: false }];
  }

  /**
   * Asks the cluster what is left.
   * @param waitMs how long to wait for objects that are still being deleted.
   * @returns undefined if the cluster was not asked.
   */
  async #findRemaining(run: RunScope, waitMs: number): Promise<string[] | undefined> {
    // A run that started before this check existed does not ask.
    if (this.#steps.length === 0 || !patched('find-remains')) return undefined;
    const input = { version: 1 as const, run, waitMs: Math.max(0, waitMs) };
    const timeoutMs = input.waitMs + LAST_CHECK_MS;
    const { findRemains } = this.#activities.gone('check that nothing is left', { startToCloseTimeout: timeoutMs });
    const found = await resultOf(() => withTimeout(timeoutMs, 'timeout of the last check', () => findRemains(input)));
    if (found.ok) return found.value.left;
    const why = isCancellation(found.error)
      ? ['the cluster could not be checked in time']
      : joinedErrors(found.error).map(({ message }) => message);
    return why.map((message) => `what is left is unknown: ${message}`);
  }
}

/** What is left according to the validators and the failed steps, for a run that did not ask the cluster. */
function leftByValidators(outcomes: ValidatorOutcome[], errors: JoinedError[], { anchor }: Retention): string[] {
  // The anchor is deleted last, in the foreground: if it is gone, everything that it owned is gone, too.
  if (errors.length === 0 && !anchor) return [];
  return [...outcomes.flatMap(({ left = [] }) => left), ...errors.map(({ message }) => message)];
}

function keptObjects({ runId }: RunScope, outcomes: ValidatorOutcome[], { data }: Retention): string[] {
  const dataNames = data ? [snapshotConfigMapName(runId), validationConfigMapName(runId)] : [];
  const results = outcomes.flatMap(({ resultKey = [], earlier = [] }) =>
    earlier.map(({ job }) => resultName(job)).concat(resultKey),
  );
  const configMaps = [anchorName(runId), ...dataNames, ...results];
  return [...outcomes.flatMap(({ kept = [] }) => kept), ...configMaps.map((name) => `ConfigMap/${name}`)];
}
