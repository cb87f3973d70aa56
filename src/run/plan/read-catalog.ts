import { parse } from 'yaml';
import type { Catalog } from '../../aicr/catalog/catalog.ts';
import { parseCatalogYaml } from '../../aicr/catalog/catalog-yaml.ts';
import { unknownFields } from '../../aicr/catalog/unknown-fields.ts';
import { errorText } from '../../aicr/contract-error.ts';
import type { Fault } from '../fault.ts';
import { checkCatalog } from './check-catalog.ts';

/** A catalog, and a warning for each of its fields that nothing reads. */
export interface ReadCatalog {
  catalog: Catalog;
  ignored: string[];
}

/** As {@link parseCatalogYaml}, but checked by Proctor's stricter rules first: with every fault, each by the path of its field. */
export function checkCatalogYaml(text: string, path: string): ReadCatalog | { faults: Fault[] } {
  try {
    const document: unknown = parse(text);
    const faults = checkCatalog(document, path);
    return faults.length > 0 ? { faults } : { catalog: parseCatalogYaml(text), ignored: unknownFields(document, path) };
  } catch (error) {
    // No YAML, or nested deeper than the reader's stack is.
    return { faults: [{ path, message: `cannot be read: ${errorText(error)}` }] };
  }
}
