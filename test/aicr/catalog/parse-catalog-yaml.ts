import type { Catalog } from '../../../src/aicr/catalog/catalog.ts';
import { catalogOf, readCatalogText } from '../../../src/aicr/catalog/catalog-yaml.ts';

/** A text's catalog as AICR reads it. */
export function parseCatalogYaml(text: string): Catalog {
  return catalogOf(readCatalogText(text));
}
