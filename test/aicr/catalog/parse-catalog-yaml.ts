import type { Catalog } from '../../../src/aicr/catalog/catalog.ts';
import { catalogOf, readCatalogText } from '../../../src/aicr/catalog/catalog-yaml.ts';

/** Decodes the catalog of a text as AICR does. */
export function parseCatalogYaml(text: string): Catalog {
  return catalogOf(readCatalogText(text));
}
