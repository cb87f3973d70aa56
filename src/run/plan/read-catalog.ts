import type { Catalog } from '../../aicr/catalog/catalog.ts';
import { type CatalogText, catalogOf, readCatalogText, writtenCatalogOf } from '../../aicr/catalog/catalog-yaml.ts';
import { unknownFields } from '../../aicr/catalog/unknown-fields.ts';
import { errorText } from '../../aicr/contract-error.ts';
import { YamlError } from '../../aicr/go/yaml.ts';
import type { Fault } from '../fault.ts';
import { checkCatalog } from './check-catalog.ts';

/** A catalog, and a warning for each of its fields that nothing reads. */
export interface ReadCatalog {
  catalog: Catalog;
  ignored: string[];
}

/**
 * Checks a catalog's YAML by Proctor's rules, and reads it as AICR does if there is no fault. Both use the same parsed
 * text.
 * @returns the catalog, or every fault with the path of its field. A text that cannot be read is one fault.
 */
export function checkCatalogYaml(text: string, path: string): ReadCatalog | { faults: Fault[] } {
  try {
    const parsed = readCatalogText(text);
    const { document, problems } = writtenCatalogOf(parsed);
    const faults = [
      ...laterDocument(parsed, path),
      ...problems.map((message) => ({ path, message })),
      ...checkCatalog(document, path),
    ];
    return faults.length > 0 ? { faults } : { catalog: catalogOf(parsed), ignored: unknownFields(document, path) };
  } catch (error) {
    return { faults: [{ path, message: `cannot be read: ${reason(error)}` }] };
  }
}

/** AICR reads the first document alone, so the validators of a later one would never run. */
function laterDocument({ laterDocumentLine: line }: CatalogText, path: string): Fault[] {
  if (line === undefined) return [];
  const message = `holds a second document, which starts on line ${line}: put all validators into one document`;
  return [{ path, message }];
}

function reason(error: unknown): string {
  return error instanceof Error && error.cause instanceof YamlError ? error.cause.problem : errorText(error);
}
