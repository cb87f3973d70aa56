import { readFileSync } from 'node:fs';
import { type Fault, parseCatalog } from './contract/catalog.ts';
import { checkCatalogYaml } from './contract/catalog-yaml.ts';
import { planRun, type RunPlan } from './contract/plan.ts';
import { catalogPath, examine, type GivenCatalog, type GivenCatalogs, merged } from './contract/preflight.ts';
import { checkRequest, InvalidRequest } from './contract/request.ts';
import type { CatalogSource, ValidateClusterRequest } from './contract/run.ts';
import { selectValidators } from './contract/selection.ts';

/**
 * The plan of a request, computed in this process: nobody is asked, neither a worker nor the cluster, and nothing is known of a worker's
 * policy. Catalogs are inline, or files of this machine.
 * @throws InvalidRequest with every fault.
 */
export function planHere(request: ValidateClusterRequest): RunPlan {
  refuse(checkRequest(request));
  const { catalog, baseCatalog } = request;
  const over = given('catalog', catalog);
  const catalogs: GivenCatalogs = baseCatalog === undefined ? [over] : [given('baseCatalog', baseCatalog), over];
  const { faults, warnings } = examine(request, catalogs);
  refuse(faults);
  return planRun({ request, phases: selectValidators(merged(catalogs), request), warnings });
}

function given(field: 'catalog' | 'baseCatalog', source: CatalogSource): GivenCatalog {
  const path = catalogPath(field, source);
  if ('inline' in source) return { path, catalog: parseCatalog(source.inline) };
  if ('configMap' in source)
    throw new InvalidRequest([
      { path, message: 'is on the cluster, which is not asked here; plan by a worker instead' },
    ]);
  const read = checkCatalogYaml(readHere(source.file, path), path);
  if ('faults' in read) throw new InvalidRequest(read.faults);
  return { path, catalog: read.catalog };
}

function readHere(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidRequest([{ path, message: error instanceof Error ? error.message : String(error) }]);
  }
}

function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new InvalidRequest(faults);
}
