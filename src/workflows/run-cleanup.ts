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
import { withTimeout } from './with-timeout.ts';

/** How long it may take to look at what is left, once the time for cleaning up is over. */
const LAST_LOOK_MS = 60_000;

/** What taking a run back came to. */
export interface CleanupEnd {
  /** What is still there: kind and name, what holds it, and what to do. */
  left: string[];
  /** What was kept on purpose, by kind and name, and until when. */
  kept: string[];
  keptUntil?: string;
  /** The steps that failed, also where what they were for is gone all the same. */
  errors: JoinedError[];
}

/** Takes back what a run made, each thing by what was registered before it was made, the last first; and looks whether it is gone. */
export class RunCleanup {
  readonly #activities: ClusterActivities;
  readonly #policy: Cleanup;
  /** In the order in which things are made. */
  readonly #steps: { what: string; takeBack: (keeping: Keeping) => Promise<unknown> }[] = [];

  constructor(activities: ClusterActivities, policy: Cleanup) {
    this.#activities = activities;
    this.#policy = policy;
  }

  register(what: string, takeBack: (keeping: Keeping) => Promise<unknown>): void {
    this.#steps.push({ what, takeBack });
  }

  /** @param status how the run ended; undefined where it was cancelled or could not do its work. */
  async run(scope: RunScope, outcomes: ValidatorOutcome[], status: Status | undefined): Promise<CleanupEnd> {
    const beganMs = Date.now();
    const keeping = this.#keeping(outcomes, status);
    const errors = await this.#takeBack(keeping);
    const found = await this.#find(scope, beganMs + this.#policy.timeoutMs - Date.now());
    const kept = keeping.anchor ? { kept: keptOf(scope, outcomes, keeping), keptUntil: keeping.expires } : { kept: [] };
    if (found !== undefined) return { ...kept, ...found, errors };
    const failed = errors.map(({ message }) => message);
    // The anchor goes last, and only once all that it owns is gone: with it gone, so is what a validator had to leave.
    if (failed.length === 0 && !keeping.anchor) return { ...kept, left: [], errors: [] };
    return { ...kept, left: [...outcomes.flatMap(({ left = [] }) => left), ...failed], errors };
  }

  #keeping(outcomes: ValidatorOutcome[], status: Status | undefined): Keeping {
    // A run in which no validator was begun has nothing that is worth a look.
    const run = outcomes.some(({ started, stored }) => started || stored) && isKept(this.#policy.run, status);
    return {
      run,
      anchor: run || outcomes.some(({ kept = [] }) => kept.length > 0),
      expires: new Date(Date.now() + this.#policy.keepForMs).toISOString(),
    };
  }

  async #takeBack(keeping: Keeping): Promise<JoinedError[]> {
    const errors: JoinedError[] = [];
    const bound = this.#policy.timeoutMs;
    try {
      await withTimeout(bound, 'bound of the cleanup', async () => {
        for (const { what, takeBack } of [...this.#steps].reverse()) {
          await takeBack(keeping).catch((error: unknown) => {
            if (isCancellation(error)) throw error;
            const told = joinedErrors(error).map((one) => ({ ...one, message: `${what}: ${one.message}` }));
            errors.push(...told);
          });
        }
      });
    } catch (error) {
      if (!isCancellation(error)) throw error;
      const message = `cleanup was not done withTimeout ${formatGoDuration(msToNs(bound))}`;
      errors.push({ type: 'CleanupTimeout', message, nonRetryable: false });
    }
    return errors;
  }

  /** What is left, by a look at the cluster; undefined where none was taken. */
  async #find(scope: RunScope, restMs: number): Promise<{ left: string[] } | undefined> {
    // Begun before there was a look.
    if (this.#steps.length === 0 || !patched('find-remains')) return undefined;
    const waitMs = Math.max(0, restMs);
    const boundMs = waitMs + LAST_LOOK_MS;
    const { findRemains } = this.#activities.gone('all of it gone', { startToCloseTimeout: boundMs });
    try {
      return await withTimeout(boundMs, 'bound of the last look', () =>
        findRemains({ version: 1, run: scope, waitMs }),
      );
    } catch (error) {
      const why = isCancellation(error)
        ? ['nobody could look at the cluster in time']
        : joinedErrors(error).map(({ message }) => message);
      return { left: why.map((message) => `what is left is not known: ${message}`) };
    }
  }
}

/** What a run keeps of itself. */
export interface Keeping {
  /** Its data and results. */
  run: boolean;
  /** Its anchor: with its data, or because of a Job that is kept. */
  anchor: boolean;
  /** Until when, in RFC 3339. */
  expires: string;
}

function keptOf({ runId }: RunScope, outcomes: ValidatorOutcome[], keeping: Keeping): string[] {
  const data = keeping.run ? [snapshotConfigMapName(runId), validationConfigMapName(runId)] : [];
  const results = outcomes.flatMap(({ resultKey = [], earlier = [] }) =>
    earlier.map(({ job }) => resultName(job)).concat(resultKey),
  );
  const configMaps = [anchorName(runId), ...data, ...results];
  return [...outcomes.flatMap(({ kept = [] }) => kept), ...configMaps.map((name) => `ConfigMap/${name}`)];
}
