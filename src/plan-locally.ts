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
import { InvalidRequest } from './run/plan/invalid-request.ts';
import { checkCatalogYaml } from './run/plan/read-catalog.ts';
import { planRun, type RunPlan } from './run/plan/run-plan.ts';
import { selectValidators } from './run/plan/selection.ts';
import type { CatalogSource, ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';

/** Whether a request can be planned in any process: all its catalogs are inline, none is a file or a ConfigMap. */
export function isSelfContained({ catalog, baseCatalog }: ValidateClusterRequest): boolean {
  return [catalog, baseCatalog ?? catalog].every((source) => Object.hasOwn(Object(source), 'inline'));
}

/**
 * Computes the plan of a request in this process, without a worker and without the cluster. Catalogs are inline, or
 * files of this machine. The worker's policy is not applied, nor the namespace that it sets for the cluster.
 * @throws InvalidRequest with every fault.
 */
export function planLocally(request: ValidateClusterRequest): RunPlan {
  refuse(checkRequest(request));
  const { catalog, baseCatalog } = request;
  const base = baseCatalog === undefined ? undefined : given('baseCatalog', baseCatalog);
  const over = given('catalog', catalog);
  if (Array.isArray(over) || Array.isArray(base))
    throw new InvalidRequest([...(Array.isArray(base) ? base : []), ...(Array.isArray(over) ? over : [])]);
  const catalogs: GivenCatalogs = base === undefined ? [over] : [base, over];
  const { faults, warnings } = examine(request, catalogs);
  refuse(faults);
  return planRun({ request, phases: selectValidators(mergedCatalog(catalogs), request), warnings });
}

/** The catalog of a field, or its faults. */
function given(field: 'catalog' | 'baseCatalog', source: CatalogSource): GivenCatalog | Fault[] {
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

function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new InvalidRequest(faults);
}
