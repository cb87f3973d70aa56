/**
 * What can be known of a request in view of its catalogs before anything is made, in the contract's order (contract.md, section 10):
 * declared checks, skip list, dependency affinity; and then what the worker's policy does not allow. All of it is told at once.
 */

import { type Catalog, mergeCatalogs, parseCatalog, type ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { unknownFields } from '../../aicr/catalog/unknown-fields.ts';
import { CLUSTER_ADMIN_ROLE, DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import { ContractError } from '../../aicr/contract-error.ts';
import { buildAffinity } from '../../aicr/job/affinity.ts';
import { type Warning, warningText } from '../../aicr/warning.ts';
import type { Fault } from '../fault.ts';
import { boundWarnings, jsonBytes, MAX_CATALOG_BYTES, MAX_VALIDATORS } from './budgets.ts';
import { secretsInClear, unusedForwards } from './forward.ts';
import { type Claim, excess } from './policy.ts';
import type { Policy } from './policy-schema.ts';
import { FIRST_ATTEMPT, imageOf, planJob, settingsFor } from './run-plan.ts';
import { checkSelection, type PhasedEntry, type Review, selectValidators } from './selection.ts';
import type { CatalogSource, TextSource, ValidateClusterRequest } from './validate-cluster-request.ts';

/** A catalog that has been read and checked, and the path under which its faults are told. */
export interface GivenCatalog {
  path: string;
  catalog: Catalog;
  /** A warning for each of its fields that nothing reads. */
  ignored: string[];
}

/** An inline catalog, which `checkRequest` has found no fault with. */
export function givenInline(document: unknown, path: string): GivenCatalog {
  return { path, catalog: parseCatalog(document), ignored: unknownFields(document, path) };
}

/** The catalogs of a request: the base first, where there is one. */
export type GivenCatalogs = readonly [GivenCatalog] | readonly [GivenCatalog, GivenCatalog];

/** The one catalog that runs. */
export function merged([first, over]: GivenCatalogs): Catalog {
  return over === undefined ? first.catalog : mergeCatalogs(first.catalog, over.catalog);
}

/** Where a request says what its catalog is: how the paths of that catalog's faults begin. */
export function catalogPath(field: 'catalog' | 'baseCatalog', source: CatalogSource): string {
  return `request.${field}.${Object.keys(source)[0]}`;
}

/**
 * Faults and warnings of a well-formed request.
 * @param policy the worker's; without one (a plan made by the client) nothing is said of it.
 */
export function examine(request: ValidateClusterRequest, given: GivenCatalogs, policy?: Policy): Review {
  const catalog = merged(given);
  const phases = selectValidators(catalog, request);
  const entries = phases.flatMap(({ run }) => run);
  const pathOf = pathsIn(given);
  const found = [
    checkCatalogSize(catalog, entries),
    checkSelection(catalog, request),
    ...entries.map((entry) => checkDependencies(entry, request, pathOf(entry))),
    ...entries.map((entry) => checkRendering(entry, request, pathOf(entry))),
    // The renderer drops the name from a catalog's environment; by then the token is in the history of every run of that catalog.
    { faults: catalog.validators.flatMap((entry) => secretsInClear(entry, pathOf(entry))), warnings: [] },
    { faults: policy === undefined ? [] : excess(policy, claims(request, entries, pathOf)), warnings: [] },
  ];
  const names = entries.map(({ name }) => name);
  return {
    faults: found.flatMap(({ faults }) => faults),
    warnings: boundWarnings([
      ...given.flatMap(({ ignored }) => ignored),
      ...found.flatMap(({ warnings }) => warnings),
      ...unusedForwards(request.forward ?? {}, names),
    ]),
  };
}

/** An entry of the merged catalog is told by its place in the catalog that it came from: the later one, where both have it. */
function pathsIn(given: GivenCatalogs): (entry: ValidatorEntry) => string {
  const paths = new Map<string, string>();
  for (const { path, catalog } of given)
    for (const [index, { name }] of catalog.validators.entries()) paths.set(name, `${path}.validators[${index}]`);
  return ({ name }) => paths.get(name) ?? name;
}

function checkCatalogSize(catalog: Catalog, entries: PhasedEntry[]): Review {
  const faults: Fault[] = [];
  const bytes = jsonBytes(catalog);
  if (bytes > MAX_CATALOG_BYTES)
    faults.push({
      path: 'request.catalog',
      message: `has ${bytes} bytes, and at most ${MAX_CATALOG_BYTES} fit into a run, also by reference; run its phases as catalogs of their own`,
    });
  if (entries.length > MAX_VALIDATORS)
    faults.push({
      path: 'request.catalog',
      message: `${entries.length} validators would run, and at most ${MAX_VALIDATORS} fit into a run's history; run its phases one by one`,
    });
  return { faults, warnings: [] };
}

/** Every dependency by itself, so that one that is not there does not hide the next. Of validators that are skipped nothing is asked. */
function checkDependencies(entry: PhasedEntry, { componentRefs = [] }: ValidateClusterRequest, path: string): Review {
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  for (const [i, dependency] of (entry.dependencyAffinity ?? []).entries()) {
    const fault = faultOf(`${path}.dependencyAffinity[${i}]`, () =>
      buildAffinity([dependency], componentRefs, warnings),
    );
    if (fault !== undefined) faults.push(fault);
  }
  return { faults, warnings: warnings.map((warning) => `validator ${entry.name}: ${warningText(warning)}`) };
}

/** The place of a Job that is rendered only to see whether it can be. */
const NOWHERE = {
  run: { namespace: '', runId: '', marks: { installation: '', workflowId: '', workflowRunId: '' } },
  anchor: { name: '', uid: '' },
};

/** What the renderer itself would refuse is refused before anything is made, and not when the validator's turn has come. */
function checkRendering(entry: PhasedEntry, request: ValidateClusterRequest, path: string): Review {
  const { dependencyAffinity: _, ...bare } = entry;
  const fault = faultOf(path, () =>
    planJob({
      ...NOWHERE,
      entry: bare,
      settings: settingsFor(bare, request),
      attempt: FIRST_ATTEMPT,
    }),
  );
  return { faults: fault === undefined ? [] : [fault], warnings: [] };
}

function faultOf(path: string, work: () => unknown): Fault | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ContractError) return { path, message: error.message };
    throw error;
  }
}

/** All that a request asks of the worker's policy, but for files, which only the worker can look at. */
function claims(
  request: ValidateClusterRequest,
  entries: PhasedEntry[],
  pathOf: (entry: ValidatorEntry) => string,
): Claim[] {
  const { namespace = DEFAULT_NAMESPACE, clusterRole = CLUSTER_ADMIN_ROLE, forward = {} } = request;
  const inner = forward.AICR_NCCL_RUNTIME_IMAGE ?? '';
  return [
    { of: 'clusterRole', value: clusterRole, path: 'request.clusterRole' },
    { of: 'namespace', value: namespace, path: 'request.namespace' },
    ...SOURCES.flatMap((field) => configMapNamespace(field, request[field])),
    ...entries.map(
      (entry): Claim => ({
        of: 'image',
        value: imageOf(entry, settingsFor(entry, request)),
        path: `${pathOf(entry)}.image`,
      }),
    ),
    ...(inner === '' ? [] : [{ of: 'image', value: inner, path: 'request.forward.AICR_NCCL_RUNTIME_IMAGE' } as const]),
  ];
}

const SOURCES = ['catalog', 'baseCatalog', 'snapshot', 'validation'] as const;

function configMapNamespace(field: string, source: CatalogSource | TextSource | undefined): Claim[] {
  if (source === undefined || !('configMap' in source) || source.configMap.namespace === undefined) return [];
  return [{ of: 'namespace', value: source.configMap.namespace, path: `request.${field}.configMap.namespace` }];
}
