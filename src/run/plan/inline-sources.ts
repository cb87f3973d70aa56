/** Checks of the documents that a request contains inline, and that therefore pass through Temporal. */
import { utf8Length } from '../../aicr/go/utf8.ts';
import type { Fault } from '../fault.ts';
import { jsonBytes, MAX_CATALOG_BYTES, MAX_INLINE_TEXT_BYTES } from './budgets.ts';
import { checkCatalog } from './check-catalog.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

/** The fields of a request that take a document inline or by reference. */
export const SOURCE_FIELDS = ['catalog', 'baseCatalog', 'snapshot', 'validation'] as const;

export const BY_REFERENCE = 'give it by reference: {"configMap": {"name", "key"}} or {"file": "path"}';

/** Whether a request can be planned in any process: all its catalogs are inline, none is a file or a ConfigMap. */
export function isSelfContained({ catalog, baseCatalog }: ValidateClusterRequest): boolean {
  return [catalog, baseCatalog ?? catalog].every((source) => Object.hasOwn(Object(source), 'inline'));
}

/** Every fault of an inline catalog; paths are relative to it, such as `.validators[0].name`. */
export function inlineCatalogFaults(catalog: unknown): Fault[] {
  const tooLarge = largerThan(jsonBytes(catalog), MAX_CATALOG_BYTES).map((message) => ({ path: '', message }));
  return [...checkCatalog(catalog, ''), ...tooLarge];
}

/** What is wrong with an inline snapshot or validation. */
export function inlineTextFaults(text: string): string[] {
  return largerThan(utf8Length(text), MAX_INLINE_TEXT_BYTES);
}

function largerThan(bytes: number, most: number): string[] {
  return bytes > most ? [`has ${bytes} bytes, and at most ${most} go through Temporal; ${BY_REFERENCE}`] : [];
}
