import { CancellationScope, isCancellation, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { WrittenReport } from '../activities/write-report.ts';
import { cleanupFrom } from '../run/cleanup/cleanup-policy.ts';
import { planRun, type RunPlan } from '../run/plan/run-plan.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import type { RunResult } from '../run/run-result.ts';
import type { RunScope } from '../run/scope.ts';
import { notableCauses, type SearchValues } from '../run/search-attributes.ts';
import { summarize } from '../run/summary.ts';
import { activitiesOn, type ClusterActivities } from './activity-stubs.ts';
import { faultsOfRequest } from './check-input.ts';
import { joinFailures } from './join-failures.ts';
import { Outcomes } from './outcomes.ts';
import { planQuery } from './plan-validation.ts';
import { prepareCluster } from './prepare-cluster.ts';
import { Progress, progressQuery } from './progress.ts';
import { type CheckedRun, preflightRun, throwIfInvalid } from './request-preflight.ts';
import { type Result, resultOf } from './result.ts';
import { RoomQueue } from './room-queue.ts';
import { roomSignal } from './room-signal.ts';
import { type CleanupEnd, RunCleanup } from './run-cleanup.ts';
import { runPhases } from './run-phases.ts';
import { writeRunReport } from './run-report.ts';
import { searchAttributeUpserter } from './upsert-search-attributes.ts';

/**
 * Runs a catalog of validators against a cluster and returns one report. A validator that fails is a result, not an
 * error: the workflow fails only if it cannot do its work (`InvalidRequest`, `ClusterNotServed`, a refusal by the API
 * server). It removes what it created, even if it is cancelled; a cancelled run leaves its partial report on the
 * cluster.
 */
export async function validateCluster(request: ValidateClusterRequest): Promise<RunResult> {
  throwIfInvalid(await faultsOfRequest(request));
  const run = new ClusterRun(request);
  setHandler(progressQuery, () => run.progress.current, { description: 'Every validator of the run and its state' });
  setHandler(roomSignal, (change) => run.roomQueue.update(change), {
    description: 'The pod of a validator starts or stops waiting for capacity that the run itself holds',
  });
  setHandler(planQuery, () => run.plan, { description: 'The Jobs of the run, as they are deployed' });
  return run.toResult();
}

class ClusterRun {
  readonly progress: Progress;
  readonly roomQueue = new RoomQueue();
  readonly #request: ValidateClusterRequest;
  readonly #activities: ClusterActivities;
  readonly #cleanup: RunCleanup;
  #checked: CheckedRun | undefined;

  constructor(request: ValidateClusterRequest) {
    this.#request = request;
    this.#activities = activitiesOn(request.cluster);
    this.#cleanup = new RunCleanup(this.#activities, cleanupFrom(request.cleanup));
    this.progress = new Progress(request.cluster, setCurrentDetails);
  }

  /** @throws Error before the run has passed preflight. */
  get plan(): RunPlan {
    if (this.#checked === undefined) throw new Error('the run has no plan until it has passed preflight');
    return planRun(this.#checked);
  }

  async toResult(): Promise<RunResult> {
    const checked = await this.#preflight();
    const { run, phases, warnings } = checked;
    const { name: cluster } = run.cluster;
    const outcomes = new Outcomes(phases);
    const fixed = { ProctorCluster: cluster, ProctorRunId: run.runId };
    const upsertSearchAttributes = searchAttributeUpserter(checked.searchAttributes, fixed);
    upsertSearchAttributes({ ProctorState: 'running' });
    const validated = await resultOf(() => this.#validate(checked, outcomes));
    // The report comes before the cleanup: the verdicts are on record even if the cleanup fails.
    const written = await CancellationScope.nonCancellable(() => this.#report(run, outcomes));
    const cleanup = await CancellationScope.nonCancellable(() => this.#cleanUp(run, outcomes, validated.ok));
    const report = validated.ok ? written : validated;
    upsertSearchAttributes(searchValuesAtEnd(outcomes, report, cleanup));
    if (!report.ok) throw withCleanupErrors(report.error, cleanup);
    const { runId } = run;
    return summarize({ cluster, runId, outcomes: outcomes.inOrder(), ...cleanup, warnings, ...report.value });
  }

  async #preflight(): Promise<CheckedRun> {
    this.progress.step('preflight');
    this.#checked = await preflightRun(this.#request, this.#activities);
    const { run, phases, warnings } = this.#checked;
    this.progress.plan(run.runId, phases, warnings);
    return this.#checked;
  }

  async #validate(checked: CheckedRun, outcomes: Outcomes): Promise<void> {
    this.progress.step('preparing the namespace, RBAC and data');
    const anchor = await prepareCluster(checked, this.#activities, this.#cleanup);
    await runPhases({ checked, anchor, outcomes, progress: this.progress, roomQueue: this.roomQueue });
  }

  #report(run: RunScope, outcomes: Outcomes): Promise<Result<WrittenReport>> {
    this.progress.step('writing the report');
    return writeRunReport(run, outcomes, this.#activities);
  }

  async #cleanUp(run: RunScope, outcomes: Outcomes, isValidated: boolean): Promise<CleanupEnd> {
    this.progress.step('cleaning up');
    const end = await this.#cleanup.run(run, outcomes.inOrder(), isValidated ? outcomes.status() : undefined);
    const { left, kept, keptUntil } = end;
    const done = kept.length === 0 ? 'done' : `done; ${kept.length} objects are kept until ${keptUntil}`;
    this.progress.step(left.length === 0 ? done : `done, but not cleaned up: ${left.join('; ')}`);
    return end;
  }
}

/** Adds what the cleanup could not do to a failure. A cancelled run ends as cancelled, even if its cleanup failed. */
function withCleanupErrors(failure: unknown, { left, errors }: CleanupEnd): unknown {
  if (isCancellation(failure) || left.length + errors.length === 0) return failure;
  const remains = left.map((message) => ({ type: 'left', message, nonRetryable: false }));
  return joinFailures(failure, [...errors, ...remains]);
}

function searchValuesAtEnd(outcomes: Outcomes, result: Result<unknown>, { left }: CleanupEnd): SearchValues {
  return {
    ProctorState: stateAtEnd(outcomes, result),
    ProctorCauses: notableCauses(outcomes.inOrder()),
    ProctorCleanup: left.length === 0 ? 'complete' : 'incomplete',
  };
}

function stateAtEnd(outcomes: Outcomes, result: Result<unknown>): NonNullable<SearchValues['ProctorState']> {
  if (result.ok) return outcomes.status();
  return isCancellation(result.error) ? 'cancelled' : 'error';
}
