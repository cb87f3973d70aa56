/**
 * Checks a well-formed request against its catalogs before anything is created, in the contract's order
 * (docs/contract.md section 10): declared checks, skip list, dependency affinity; then the worker's policy. It reports
 * all faults at once.
 */

import type { Catalog } from '../../aicr/catalog/catalog.ts';
import { ContractError } from '../../aicr/contract-error.ts';
import { buildAffinity } from '../../aicr/job/affinity.ts';
import { type Warning, warningText } from '../../aicr/warning.ts';
import type { Fault } from '../fault.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../ids.ts';
import { jsonBytes, MAX_CATALOG_BYTES, MAX_VALIDATORS } from './budgets.ts';
import { checkSelection } from './check-selection.ts';
import { secretsInClear } from './clear-text-secrets.ts';
import { unusedForwards } from './forwarded-environment.ts';
import { entryPaths, type GivenCatalogs, mergedCatalog } from './given-catalogs.ts';
import { settingsFor } from './job-settings.ts';
import { FIRST_ATTEMPT, planJob } from './plan-job.ts';
import { excess } from './policy.ts';
import { policyClaims } from './policy-claims.ts';
import type { Policy } from './policy-schema.ts';
import { boundWarnings, faultsOnly, joinReviews, type Review } from './review.ts';
import { type PhasedEntry, selectValidators } from './selection.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

/**
 * Faults and warnings of a well-formed request.
 * @param policy the worker's; undefined if a client plans without a worker, and no policy is checked.
 */
export function examine(request: ValidateClusterRequest, given: GivenCatalogs, policy?: Policy): Review {
  const catalog = mergedCatalog(given);
  const entries = selectValidators(catalog, request).flatMap(({ run }) => run);
  const pathOf = entryPaths(given);
  const { faults, warnings } = joinReviews([
    { faults: [], warnings: given.flatMap(({ ignored }) => ignored) },
    checkCatalogSize(catalog, entries),
    checkSelection(catalog, request),
    ...entries.map((entry) => checkDependencies(entry, request, pathOf(entry))),
    ...entries.map((entry) => checkRendering(entry, request, pathOf(entry))),
    // The renderer removes the variable from a catalog's environment, but by then the token would be in the history.
    faultsOnly(catalog.validators.flatMap((entry) => secretsInClear(entry, pathOf(entry)))),
    faultsOnly(policy === undefined ? [] : excess(policy, policyClaims(request, entries, pathOf))),
    {
      faults: [],
      warnings: unusedForwards(
        request.forward ?? {},
        entries.map(({ name }) => name),
      ),
    },
  ]);
  return { faults, warnings: boundWarnings(warnings) };
}

function checkCatalogSize(catalog: Catalog, entries: PhasedEntry[]): Review {
  const faults: Fault[] = [];
  const bytes = jsonBytes(catalog);
  if (bytes > MAX_CATALOG_BYTES)
    faults.push({
      path: 'request.catalog',
      message: `has ${bytes} bytes, and at most ${MAX_CATALOG_BYTES} fit into a run, even by reference; make a catalog of each phase and run them separately`,
    });
  if (entries.length > MAX_VALIDATORS)
    faults.push({
      path: 'request.catalog',
      message: `${entries.length} validators would run, and at most ${MAX_VALIDATORS} fit into a run's history; run its phases separately`,
    });
  return faultsOnly(faults);
}

/** Resolves each dependency of a validator separately, so that a missing one does not hide the next. */
function checkDependencies(entry: PhasedEntry, { componentRefs = [] }: ValidateClusterRequest, path: string): Review {
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  for (const [i, dependency] of (entry.dependencyAffinity ?? []).entries()) {
    const fault = contractFault(`${path}.dependencyAffinity[${i}]`, () =>
      buildAffinity([dependency], componentRefs, warnings),
    );
    if (fault !== undefined) faults.push(fault);
  }
  return { faults, warnings: warnings.map((warning) => `validator ${entry.name}: ${warningText(warning)}`) };
}

/** Placeholders for the run and anchor of a Job that is rendered only to check that it can be. */
const NO_RUN = {
  run: {
    namespace: '',
    runId: asRunId(''),
    marks: { installation: '', workflowId: asWorkflowId(''), workflowRunId: asFirstRunId('') },
  },
  anchor: { name: '', uid: '' },
};

/**
 * Renders a validator's Job, so that the run is refused now if the renderer refuses it, instead of when the validator
 * is deployed.
 */
function checkRendering(entry: PhasedEntry, request: ValidateClusterRequest, path: string): Review {
  const { dependencyAffinity: _, ...bare } = entry;
  const fault = contractFault(path, () =>
    planJob({
      ...NO_RUN,
      entry: bare,
      settings: settingsFor(bare, request),
      attempt: FIRST_ATTEMPT,
    }),
  );
  return faultsOnly(fault === undefined ? [] : [fault]);
}

/** The fault that the contract's code throws for its input; undefined if it throws none. */
function contractFault(path: string, work: () => unknown): Fault | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return { path, message: error.message };
    throw error;
  }
}
