/** The catalogs that a request gives, once they have been read, and where their faults are reported. */

import { type Catalog, mergeCatalogs, parseCatalog, type ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { unknownFields } from '../../aicr/catalog/unknown-fields.ts';
import type { CatalogSource } from './validate-cluster-request.ts';

/** A catalog that has been read and checked. */
export interface GivenCatalog {
  /**
   * The field of the request that gives it, such as `request.catalog.inline`: the paths of its faults begin with this.
   */
  path: string;
  catalog: Catalog;
  /** A warning for each of its fields that nothing reads. */
  ignored: string[];
}

/** An inline catalog in which `checkRequest` has found no fault. */
export function givenInline(document: unknown, path: string): GivenCatalog {
  return { path, catalog: parseCatalog(document), ignored: unknownFields(document, path) };
}

/** The catalogs of a request; if there are two, the first is the base that the second is laid over. */
export type GivenCatalogs = readonly [GivenCatalog] | readonly [GivenCatalog, GivenCatalog];

/** The catalog that runs: the given one, or the second laid over the first. */
export function mergedCatalog([first, overlay]: GivenCatalogs): Catalog {
  return overlay === undefined ? first.catalog : mergeCatalogs(first.catalog, overlay.catalog);
}

/** The path of the field that gives a catalog, as in {@link GivenCatalog.path}. */
export function catalogPath(field: 'catalog' | 'baseCatalog', source: CatalogSource): string {
  return `request.${field}.${Object.keys(source)[0]}`;
}

/**
 * Gives each entry of the merged catalog its path in the catalog that it comes from: the overlay, if both catalogs have
 * it.
 */
export function entryPaths(given: GivenCatalogs): (entry: ValidatorEntry) => string {
  const paths = new Map<string, string>();
  for (const { path, catalog } of given)
    for (const [index, { name }] of catalog.validators.entries()) paths.set(name, `${path}.validators[${index}]`);
  return ({ name }) => paths.get(name) ?? name;
}
