import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { skippedByCallerOutcome, skippedByPhaseOutcome } from '../run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { DEFAULT_PARALLELISM } from '../run/plan/budgets.ts';
import { exclusiveClasses } from '../run/plan/exclusive-classes.ts';
import type { PhaseSelection } from '../run/plan/selection.ts';
import type { NamedUid } from '../run/scope.ts';
import { inParallel } from './in-parallel.ts';
import type { Outcomes } from './outcomes.ts';
import type { Progress } from './progress.ts';
import type { CheckedRun } from './request-preflight.ts';
import type { RoomQueue } from './room-queue.ts';
import { runValidatorAsChild } from './validator-child.ts';

/** What the phases of one run share. */
export interface PhaseContext {
  checked: CheckedRun;
  anchor: NamedUid;
  outcomes: Outcomes;
  progress: Progress;
  roomQueue: RoomQueue;
}

/**
 * Runs the phases one after another and records an outcome of each validator. With `failFast`, the phases after one
 * that failed are skipped.
 * @throws CancelledFailure if the run was cancelled, after the running validators have ended.
 */
export async function runPhases(context: PhaseContext): Promise<void> {
  const { checked, outcomes } = context;
  const { failFast = false } = checked.request;
  let hasFailed = false;
  for (const phase of checked.phases) {
    if (hasFailed && failFast) {
      for (const entry of phase.catalog) record(context, skippedByPhaseOutcome(entry, Date.now()));
    } else {
      await runPhase(context, phase);
      hasFailed ||= outcomes.hasFailure(phase);
    }
  }
}

async function runPhase(context: PhaseContext, { phase, run: entries, skipped }: PhaseSelection): Promise<void> {
  const { checked, anchor, progress, roomQueue } = context;
  progress.step(`phase ${phase}`);
  for (const entry of skipped) record(context, skippedByCallerOutcome(entry, Date.now()));
  const scope = CancellationScope.current();
  const options = {
    limit: checked.request.parallelism ?? DEFAULT_PARALLELISM,
    classesOf: exclusiveClasses,
    isStopped: () => scope.consideredCancelled,
    isOnHold: () => !roomQueue.isEmpty,
    untilReleased: () => roomQueue.untilEmpty(),
  };
  await inParallel(entries, options, async (entry) => {
    progress.running(entry.name, Date.now());
    record(context, await runValidatorAsChild(checked, anchor, entry));
  });
  if (scope.consideredCancelled) throw new CancelledFailure('the run was cancelled');
}

function record({ outcomes, progress, roomQueue }: PhaseContext, outcome: ValidatorOutcome): void {
  roomQueue.remove(outcome.name);
  outcomes.record(outcome);
  progress.ended(outcome);
}
