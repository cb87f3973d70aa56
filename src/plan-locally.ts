import { readFileSync } from 'node:fs';
import { messageOf } from './run/error-message.ts';
import type { Fault } from './run/fault.ts';
import { checkRequest } from './run/plan/check-request.ts';
import { examine } from './run/plan/examination.ts';
import {
  catalogPath,
  type GivenCatalog,
  type GivenCatalogs,
  givenInline,
  mergedCatalog,
} from './run/plan/given-catalogs.ts';
import { InvalidRequest, refuseFaults } from './run/plan/invalid-request.ts';
import { checkCatalogYaml } from './run/plan/read-catalog.ts';
import { planRun, type RunPlan } from './run/plan/run-plan.ts';
import { selectValidators } from './run/plan/selection.ts';
import type { CatalogSource, ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';

/**
 * Computes the plan of a request in this process, without a worker and without the cluster. Catalogs must be inline or
 * files on this machine. Neither the worker's policy nor the namespace that it sets for the cluster is applied.
 * @throws InvalidRequest with every fault.
 */
export function planLocally(request: ValidateClusterRequest): RunPlan {
  refuseFaults(checkRequest(request));
  const { catalog, baseCatalog } = request;
  const base = baseCatalog === undefined ? undefined : readGiven('baseCatalog', baseCatalog);
  const overlay = readGiven('catalog', catalog);
  if (Array.isArray(overlay) || Array.isArray(base))
    throw new InvalidRequest([...(Array.isArray(base) ? base : []), ...(Array.isArray(overlay) ? overlay : [])]);
  const catalogs: GivenCatalogs = base === undefined ? [overlay] : [base, overlay];
  const { faults, warnings } = examine(request, catalogs);
  refuseFaults(faults);
  return planRun({ request, phases: selectValidators(mergedCatalog(catalogs), request), warnings });
}

/** Reads the catalog of a field. @returns the catalog, or its faults. */
function readGiven(field: 'catalog' | 'baseCatalog', source: CatalogSource): GivenCatalog | Fault[] {
  const path = catalogPath(field, source);
  if ('inline' in source) return givenInline(source.inline, path);
  if ('configMap' in source)
    return [{ path, message: 'is on the cluster, which a local plan does not read; let a worker compute the plan' }];
  let text: string;
  try {
    text = readFileSync(source.file, 'utf8');
  } catch (error) {
    return [{ path, message: messageOf(error) }];
  }
  const read = checkCatalogYaml(text, path);
  return 'faults' in read ? read.faults : { path, ...read };
}
