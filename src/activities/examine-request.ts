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
  /**
   * The request without an inline snapshot or validation. The workflow has checked those, and its history contains them
   * already.
   */
  request: ValidateClusterRequest;
  /** Whether to read the snapshot and the validation too. A plan needs neither. */
  lookForTexts: boolean;
}

export interface ExaminedRequest {
  faults: Fault[];
  warnings: string[];
  /** The catalog to run, if the request itself does not contain it: one by reference, or one that overlays another. */
  catalog?: Catalog;
  /** The namespace of the Jobs, if the worker's configuration of the cluster names it and the request does not. */
  namespace?: string;
}

/**
 * Checks the parts of a request that only the worker can check, before anything is created: whether the texts that the
 * request refers to can be read, whether its catalogs are valid, and whether the worker's policy allows it. Returns all
 * faults at once. Reads nothing from the cluster except the ConfigMaps that the request names.
 */
export function examineRequest({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: ExamineRequestInput, signal): Promise<ExaminedRequest> => {
    const { request: given, lookForTexts } = input;
    const cluster = clusters.get(given.cluster);
    // The request's namespace takes precedence over that of the worker's configuration.
    const { namespace = cluster.namespace } = given;
    const request = { ...given, ...(namespace !== undefined && { namespace }) };
    const reader: TextReader = { api: cluster.api, policy, namespace: namespace ?? DEFAULT_NAMESPACE };
    const faults: Fault[] = [];
    const base = request.baseCatalog && (await readCatalog(reader, 'baseCatalog', request.baseCatalog, faults, signal));
    const catalog = await readCatalog(reader, 'catalog', request.catalog, faults, signal);
    if (lookForTexts) await checkTexts(reader, request, faults, signal);
    if (catalog === undefined || (base === undefined && request.baseCatalog !== undefined))
      return { faults: boundFaults(faults), warnings: [] };
    const catalogs: GivenCatalogs = base === undefined ? [catalog] : [base, catalog];
    const found = examine(request, catalogs, policy);
    const answer = {
      faults: boundFaults([...faults, ...found.faults]),
      warnings: found.warnings,
      ...(given.namespace === undefined && namespace !== undefined && { namespace }),
    };
    const isKnown = base === undefined && 'inline' in request.catalog;
    return isKnown || answer.faults.length > 0 ? answer : { ...answer, catalog: mergedCatalog(catalogs) };
  });
}

/** @returns the catalog of a field; undefined if it has faults, which are added to the given ones. */
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

/** Adds the faults of one field to the given ones, so that the next field is still checked. Other errors are thrown. */
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
