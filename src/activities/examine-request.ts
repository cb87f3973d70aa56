import type { Catalog } from '../aicr/catalog/catalog.ts';
import { DEFAULT_NAMESPACE } from '../aicr/constants.ts';
import type { Fault } from '../run/fault.ts';
import { MAX_CATALOG_BYTES } from '../run/plan/budgets.ts';
import { examine } from '../run/plan/examination.ts';
import {
  catalogPath,
  type GivenCatalog,
  type GivenCatalogs,
  givenInline,
  mergedCatalog,
} from '../run/plan/given-catalogs.ts';
import { InvalidRequest } from '../run/plan/invalid-request.ts';
import { checkCatalogYaml } from '../run/plan/read-catalog.ts';
import { boundFaults } from '../run/plan/review.ts';
import type { CatalogSource, ValidateClusterRequest } from '../run/plan/validate-cluster-request.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity, type Versioned } from './define-activity.ts';
import { readText, type TextReader } from './read-text.ts';

export interface ExamineRequestInput extends Versioned {
  /** As it was given, but for inline texts, which need no second look and have no place in a history twice. */
  request: ValidateClusterRequest;
  /** Whether the snapshot and the validation are looked for too: a plan needs none of them. */
  lookForTexts: boolean;
}

export interface ExaminedRequest {
  faults: Fault[];
  warnings: string[];
  /** The catalog that runs, where the workflow cannot have it from the request: one by reference, or laid over another. */
  catalog?: Catalog;
  /** The namespace of the Jobs, where the request names none and the worker's configuration of the cluster does. */
  namespace?: string;
}

/**
 * Everything that only the worker can say of a request, before anything is made: whether what it refers to can be read, what its catalogs
 * come to, and what the worker's policy does not allow. All faults are told at once. Of the cluster, only ConfigMaps that are named are read.
 */
export function examineRequest({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: ExamineRequestInput, signal): Promise<ExaminedRequest> => {
    const { request: given, lookForTexts } = input;
    const cluster = clusters.get(given.cluster);
    // What the request says goes before what the worker's configuration does.
    const { namespace = cluster.namespace } = given;
    const request = { ...given, ...(namespace !== undefined && { namespace }) };
    const reader: TextReader = { api: cluster.api, policy, namespace: namespace ?? DEFAULT_NAMESPACE };
    const faults: Fault[] = [];
    const base = request.baseCatalog && (await readCatalog(reader, 'baseCatalog', request.baseCatalog, faults, signal));
    const over = await readCatalog(reader, 'catalog', request.catalog, faults, signal);
    if (lookForTexts) await checkTexts(reader, request, faults, signal);
    if (over === undefined || (base === undefined && request.baseCatalog !== undefined))
      return { faults: boundFaults(faults), warnings: [] };
    const catalogs: GivenCatalogs = base === undefined ? [over] : [base, over];
    const found = examine(request, catalogs, policy);
    const answer = {
      faults: boundFaults([...faults, ...found.faults]),
      warnings: found.warnings,
      ...(given.namespace === undefined && namespace !== undefined && { namespace }),
    };
    const isKnown = base === undefined && 'inline' in request.catalog;
    return isKnown || answer.faults.length > 0 ? answer : { ...answer, catalog: merged(catalogs) };
  });
}

/** The catalog of a field, or its faults. */
async function readCatalog(
  reader: TextReader,
  field: 'catalog' | 'baseCatalog',
  source: CatalogSource,
  faults: Fault[],
  signal: AbortSignal,
): Promise<GivenCatalog | undefined> {
  const path = catalogPath(field, source);
  if ('inline' in source) return givenInline(source.inline, path);
  const text = await collectFaults(faults, () =>
    readText(reader, source, `request.${field}`, signal, MAX_CATALOG_BYTES),
  );
  return text === undefined ? undefined : collectFaults(faults, () => readCatalogText(text, path));
}

async function checkTexts(
  reader: TextReader,
  request: ValidateClusterRequest,
  faults: Fault[],
  signal: AbortSignal,
): Promise<void> {
  for (const field of ['snapshot', 'validation'] as const) {
    const source = request[field];
    if (source !== undefined) await collectFaults(faults, () => readText(reader, source, `request.${field}`, signal));
  }
}

/** What is wrong with one field must not hide what is wrong with the next; trouble with the cluster is no fault of the request. */
async function collectFaults<T>(faults: Fault[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}

function readCatalogText(text: string, path: string): GivenCatalog {
  const read = checkCatalogYaml(text, path);
  if ('faults' in read) throw new InvalidRequest(read.faults);
  return { path, ...read };
}
