/** A catalog from its YAML text. */
import { parse } from 'yaml';
import { type Catalog, parseCatalog } from './catalog.ts';

export function parseCatalogYaml(text: string): Catalog {
  return parseCatalog(parse(text));
}
