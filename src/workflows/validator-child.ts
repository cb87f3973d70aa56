import { isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import { cleanupFrom } from '../run/cleanup/cleanup-policy.ts';
import { gracesFrom } from '../run/ending/graces.ts';
import { cancelledOutcome, lostOutcome } from '../run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import { settingsFor } from '../run/plan/job-settings.ts';
import type { PhasedEntry } from '../run/plan/selection.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import { rootCause } from './join-failures.ts';
import type { CheckedRun } from './request-preflight.ts';
import { startOrAdoptValidator, type ValidatorOptions } from './start-or-adopt-validator.ts';
import { searchAttributes } from './upsert-search-attributes.ts';

/** Runs one validator as a child workflow. Never rejects: a child that is cancelled or fails has an outcome, too. */
export async function runValidatorAsChild(
  checked: CheckedRun,
  anchor: NamedUid,
  entry: PhasedEntry,
): Promise<ValidatorOutcome> {
  const startMs = Date.now();
  try {
    return await startOrAdoptValidator(checked.run, childOptions(checked, entry), childInput(checked, anchor, entry));
  } catch (error) {
    if (isCancellation(error)) return cancelledOutcome(entry, startMs, Date.now());
    return lostOutcome(entry, rootCause(error), startMs, Date.now());
  }
}

function childOptions({ run, searchAttributes: areRegistered }: CheckedRun, entry: PhasedEntry): ValidatorOptions {
  const values = {
    ProctorCluster: run.cluster.name,
    ProctorRunId: run.runId,
    ProctorValidator: entry.name,
    ProctorState: 'running' as const,
  };
  return {
    workflowId: `${run.marks.workflowId}/${entry.phase}/${entry.name}`,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    ...(areRegistered && { typedSearchAttributes: searchAttributes(values) }),
    staticSummary: `${entry.name} (${entry.phase}) on ${run.cluster.name}`,
  };
}

function childInput(checked: CheckedRun, anchor: NamedUid, entry: PhasedEntry): RunValidatorInput {
  const { graces, attempts, cleanup } = checked.request;
  return {
    version: 1,
    run: checked.run,
    anchor,
    entry,
    settings: settingsFor(entry, checked.request),
    ...(graces && { graces: gracesFrom(graces) }),
    ...(attempts !== undefined && { attempts }),
    ...(cleanup && { cleanup: cleanupFrom(cleanup) }),
    ...(checked.searchAttributes && { searchAttributes: true }),
  };
}
