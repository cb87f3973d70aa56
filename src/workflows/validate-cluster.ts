import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { Preflight } from '../activities/preflight.ts';
import type { WrittenReport } from '../activities/write-report.ts';
import { DEFAULT_NAMESPACE } from '../aicr/constants.ts';
import { runId } from '../aicr/job/names.ts';
import type { Phase } from '../aicr/phase.ts';
import { isFailingStatus, phaseStatus, type Status } from '../aicr/result/status.ts';
import { cleanupFrom } from '../run/cleanup/cleanup-policy.ts';
import { cancelled, lost, skippedByCaller, skippedByPhase } from '../run/ending/outcomes-without-result.ts';
import { gracesFrom } from '../run/ending/symptom.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { checkRequest, DEFAULT_PARALLELISM } from '../run/plan/check-request.ts';
import { type Planned, planRun, type RunPlan, settingsFor } from '../run/plan/run-plan.ts';
import { exclusiveClasses, type PhasedEntry, type PhaseSelection } from '../run/plan/selection.ts';
import type { ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import type { RunResult } from '../run/run-result.ts';
import type { NamedUid, RunScope } from '../run/scope.ts';
import { notableCauses, type SearchValues } from '../run/search-attributes.ts';
import { summarize } from '../run/summary.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { activitiesOn, type ClusterActivities } from './activity-stubs.ts';
import { inParallel } from './in-parallel.ts';
import { joinFailures, rootCause } from './join-failures.ts';
import { planQuery } from './plan-validation.ts';
import { Progress, progressQuery } from './progress.ts';
import { examined, identified, refuse } from './request-preflight.ts';
import { type Room, roomSignal } from './room-signal.ts';
import { type CleanupEnd, RunCleanup } from './run-cleanup.ts';
import { startOrAdoptValidator } from './start-or-adopt-validator.ts';
import { searchAttributes, searchableBy } from './upsert-search-attributes.ts';
import { withTimeout } from './with-timeout.ts';

const REPORT_BOUND = '10 minutes';

/**
 * Runs a catalog of validators against a cluster and answers with one report. A validator that fails is a result, not an error: the
 * workflow fails only where it could not do its work (`InvalidRequest`, `ClusterNotServed`, a refusal by the API server). Whatever it made
 * is removed again, also when it is cancelled; a cancelled run leaves its partial report on the cluster.
 */
export async function validateCluster(request: ValidateClusterRequest): Promise<RunResult> {
  refuse(checkRequest(request));
  const run = new ClusterRun(request);
  setHandler(progressQuery, () => run.progress.current, { description: 'Every validator of the run and its state' });
  setHandler(roomSignal, (room) => run.setRoom(room), { description: 'A validator waits for room, or no longer does' });
  setHandler(planQuery, () => run.plan, { description: 'The Jobs of the run, as they are deployed' });
  return run.toResult();
}

class ClusterRun {
  readonly progress: Progress;
  readonly #request: ValidateClusterRequest;
  readonly #activities: ClusterActivities;
  readonly #outcomes = new Map<string, ValidatorOutcome>();
  /** Validators whose pods wait for room. */
  readonly #queued = new Set<string>();
  readonly #cleanup: RunCleanup;
  #planned: Planned | undefined;
  /** Whether the run and its validators can be made known by search attributes. */
  #searchable = false;

  constructor(request: ValidateClusterRequest) {
    this.#request = request;
    this.#activities = activitiesOn(request.cluster);
    this.#cleanup = new RunCleanup(this.#activities, cleanupFrom(request.cleanup));
    this.progress = new Progress(request.cluster, setCurrentDetails);
  }

  /** A pod that waits for room its siblings hold is not helped by more of them: their deadlines would run while they wait, too. */
  setRoom({ validator, waits }: Room): void {
    if (waits) this.#queued.add(validator);
    else this.#queued.delete(validator);
  }

  /** What the run deploys; there is nothing to answer before preflight has been passed. */
  get plan(): RunPlan {
    if (this.#planned === undefined) throw new Error('there is no plan before preflight has been passed');
    return planRun(this.#planned);
  }

  async toResult(): Promise<RunResult> {
    this.progress.step('preflight');
    const examination = await examined(this.#request, this.#activities, { lookForTexts: true });
    const { request, phases } = examination;
    const cluster = await identified(request, phases, this.#activities);
    const warnings = [...examination.warnings, ...(cluster.warnings ?? [])];
    const scope = this.#scope(cluster, request);
    this.#planned = { request, phases, warnings, run: scope };
    this.#searchable = cluster.searchAttributes === true;
    const searchable = searchableBy(this.#searchable, {
      ProctorCluster: scope.cluster.name,
      ProctorRunId: scope.runId,
    });
    searchable({ ProctorState: 'running' });
    this.progress.plan(scope.runId, phases, warnings);
    const failure = await failureOf(() => this.#validate(scope, phases));
    // Before the cleanup: whatever happens to that, the verdicts are on record.
    const report = await CancellationScope.nonCancellable(() => this.#report(scope, phases));
    const outcomes = this.#inOrder(phases);
    const status = failure === undefined ? phaseStatus(outcomes.map((outcome) => outcome.status)) : undefined;
    const end = await CancellationScope.nonCancellable(() => this.#cleanUp(scope, outcomes, status));
    searchable(endOf(outcomes, failure ?? ('failed' in report ? report.failed : undefined), end));
    if (failure !== undefined) throw withCleanup(failure, end);
    if ('failed' in report) throw withCleanup(report.failed, end);
    const { left, kept, keptUntil } = end;
    const stays = keptUntil === undefined ? { kept } : { kept, keptUntil };
    return summarize({
      cluster: scope.cluster.name,
      runId: scope.runId,
      outcomes,
      left,
      ...stays,
      warnings,
      ...report,
    });
  }

  #scope({ cluster, installation }: Preflight, { namespace, runId: id }: ValidateClusterRequest): RunScope {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    return {
      cluster,
      namespace: namespace ?? DEFAULT_NAMESPACE,
      runId: id ?? runId(Date.now(), uuid4().replaceAll('-', '').slice(0, 16)),
      marks: { installation, workflowId, workflowRunId: firstExecutionRunId },
    };
  }

  async #validate(run: RunScope, phases: PhaseSelection[]): Promise<void> {
    const anchor = await this.#prepare(run);
    let failed = false;
    for (const phase of phases) {
      if (failed && this.#request.failFast === true) {
        for (const entry of phase.catalog) this.#ended(skippedByPhase(entry, Date.now()));
        continue;
      }
      await this.#runPhase(run, anchor, phase);
      failed ||= phase.run.some(({ name }) => isFailingStatus(this.#outcomes.get(name)?.status ?? 'other'));
    }
  }

  async #prepare(run: RunScope): Promise<NamedUid> {
    const { work, cleanup, gone } = this.#activities;
    const input = { version: 1 as const, run };
    const { snapshot, validation, clusterRole } = this.#request;
    this.progress.step('preparing the namespace, RBAC and data');
    await work(`namespace ${run.namespace}`).ensureNamespace(input);
    this.#cleanup.register('the anchor', ({ anchor, expires }) =>
      anchor ? cleanup('keep the anchor').keepAnchor({ ...input, expires }) : gone('anchor').deleteAnchor(input),
    );
    const anchor = await work('anchor').ensureAnchor(input);
    if (this.#planned !== undefined) this.#planned.anchor = anchor;
    this.#cleanup.register('the data ConfigMaps', async (keeping) =>
      keeping.run ? undefined : cleanup('data ConfigMaps').cleanupDataConfigMaps(input),
    );
    await work('data ConfigMaps').ensureDataConfigMaps({
      ...input,
      anchor,
      ...(snapshot && { snapshot }),
      ...(validation && { validation }),
    });
    this.#cleanup.register('the ClusterRoleBinding and ServiceAccount', () => cleanup('RBAC').cleanupRBAC(input));
    await work('RBAC').ensureRBAC({ ...input, anchor, ...(clusterRole && { clusterRole }) });
    return anchor;
  }

  async #runPhase(run: RunScope, anchor: NamedUid, { phase, run: entries, skipped }: PhaseSelection): Promise<void> {
    this.progress.step(`phase ${phase}`);
    for (const entry of skipped) this.#ended(skippedByCaller(entry, Date.now()));
    const scope = CancellationScope.current();
    const options = {
      limit: this.#request.parallelism ?? DEFAULT_PARALLELISM,
      classesOf: exclusiveClasses,
      stopped: () => scope.consideredCancelled,
      held: () => this.#queued.size > 0,
      // A run that is cancelled meanwhile begins nothing more: `stopped` sees to that.
      released: () => condition(() => this.#queued.size === 0).catch(() => undefined),
    };
    await inParallel(entries, options, async (entry) => this.#ended(await this.#runValidator(run, anchor, entry)));
    if (scope.consideredCancelled) throw new CancelledFailure('the run was cancelled');
  }

  async #runValidator(run: RunScope, anchor: NamedUid, entry: PhasedEntry): Promise<ValidatorOutcome> {
    const startMs = Date.now();
    this.progress.running(entry.name, startMs);
    const options = {
      workflowId: `${run.marks.workflowId}/${entry.phase}/${entry.name}`,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      ...(this.#searchable && { typedSearchAttributes: searchAttributes(startOf(run, entry)) }),
      staticSummary: `${entry.name} (${entry.phase}) on ${run.cluster.name}`,
    };
    try {
      return await startOrAdoptValidator(run, options, this.#validatorInput(run, anchor, entry));
    } catch (error) {
      if (isCancellation(error)) return cancelled(entry, startMs, Date.now());
      return lost(entry, rootCause(error), startMs, Date.now());
    }
  }

  #validatorInput(run: RunScope, anchor: NamedUid, entry: PhasedEntry): RunValidatorInput {
    const { graces, attempts, cleanup } = this.#request;
    return {
      version: 1,
      run,
      anchor,
      entry,
      settings: settingsFor(entry, this.#request),
      ...(graces && { graces: gracesFrom(graces) }),
      ...(attempts !== undefined && { attempts }),
      ...(cleanup && { cleanup: cleanupFrom(cleanup) }),
      ...(this.#searchable && { searchAttributes: true }),
    };
  }

  #ended(outcome: ValidatorOutcome): void {
    this.#queued.delete(outcome.name);
    this.#outcomes.set(outcome.name, outcome);
    this.progress.ended(outcome);
  }

  /** The report of what there is, also of a cancelled run. Nothing to report where no validator was begun. */
  async #report(run: RunScope, phases: PhaseSelection[]): Promise<WrittenReport | { failed: unknown }> {
    const outcomes = this.#inOrder(phases);
    if (outcomes.length === 0)
      return {
        failed: ApplicationFailure.nonRetryable('no validator was begun, so there is no report', 'ReportNotWritten'),
      };
    this.progress.step('writing the report');
    try {
      return await withTimeout(REPORT_BOUND, 'bound of the report', () =>
        this.#activities
          .read(`report of ${outcomes.length} validators`)
          .writeReport({ version: 1, run, phases: byPhase(phases, outcomes) }),
      );
    } catch (error) {
      return {
        failed: isCancellation(error)
          ? ApplicationFailure.nonRetryable(
              `the report could not be written withTimeout ${REPORT_BOUND}`,
              'ReportNotWritten',
            )
          : error,
      };
    }
  }

  async #cleanUp(run: RunScope, outcomes: ValidatorOutcome[], status: Status | undefined): Promise<CleanupEnd> {
    this.progress.step('cleaning up');
    const end = await this.#cleanup.run(run, outcomes, status);
    const { left, kept, keptUntil } = end;
    const stays = kept.length === 0 ? 'done' : `done; ${kept.length} objects are kept until ${keptUntil}`;
    this.progress.step(left.length === 0 ? stays : `done, but not cleaned up: ${left.join('; ')}`);
    return end;
  }

  #inOrder(phases: PhaseSelection[]): ValidatorOutcome[] {
    return phases.flatMap(({ catalog }) => catalog).flatMap(({ name }) => this.#outcomes.get(name) ?? []);
  }
}

function byPhase(
  phases: PhaseSelection[],
  outcomes: ValidatorOutcome[],
): { phase: Phase; outcomes: ValidatorOutcome[] }[] {
  return phases
    .map(({ phase }) => ({ phase, outcomes: outcomes.filter((outcome) => outcome.phase === phase) }))
    .filter((phase) => phase.outcomes.length > 0);
}

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A cancelled run ends as that, whatever became of its cleanup. */
function withCleanup(failure: unknown, { left, errors }: CleanupEnd): unknown {
  if (isCancellation(failure) || left.length + errors.length === 0) return failure;
  const remains = left.map((message) => ({ type: 'left', message, nonRetryable: false }));
  return joinFailures(failure, [...errors, ...remains]);
}

function startOf({ cluster, runId }: RunScope, { name }: PhasedEntry): SearchValues {
  return { ProctorCluster: cluster.name, ProctorRunId: runId, ProctorValidator: name, ProctorState: 'running' };
}

function endOf(outcomes: ValidatorOutcome[], failure: unknown, { left }: CleanupEnd): SearchValues {
  const failed = isCancellation(failure) ? 'cancelled' : 'error';
  return {
    ProctorState: failure === undefined ? phaseStatus(outcomes.map(({ status }) => status)) : failed,
    ProctorCauses: notableCauses(outcomes),
    ProctorCleanup: left.length === 0 ? 'complete' : 'incomplete',
  };
}
