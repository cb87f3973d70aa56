/**
 * The catalog of validators (AICR's `pkg/validator/v1/catalog.go` and `catalog.Parse`; docs/contract.md, section 11).
 */

import { CATALOG_API_VERSION, CATALOG_KIND } from '../constants.ts';
import { ContractError } from '../contract-error.ts';
import { goQuote } from '../go/quote.ts';
import { isPhase } from '../phase.ts';
import type { Catalog, ValidatorEntry } from './catalog-fields.ts';
import { decodeDocument } from './decode-document.ts';
import { checkDependencyAffinity } from './dependency-affinity.ts';

export type { Catalog, ValidatorEntry } from './catalog-fields.ts';

/**
 * Decodes a catalog from a parsed document as AICR does: unknown fields and any name are accepted. `catalog-yaml.ts`
 * reads text.
 * @throws ContractError with AICR's message for the first fault.
 */
export function parseCatalog(document: unknown): Catalog {
  const catalog = decodeDocument(document);
  checkAicrRules(catalog);
  return catalog;
}

/** AICR's `validate`. Version and kind are checked only if there is metadata. */
function checkAicrRules(catalog: Catalog): void {
  if (catalog.metadata !== undefined) {
    const { apiVersion = '', kind = '' } = catalog;
    if (apiVersion !== CATALOG_API_VERSION) {
      throw invalid(`unsupported apiVersion ${goQuote(apiVersion)}, expected ${goQuote(CATALOG_API_VERSION)}`);
    }
    if (kind !== CATALOG_KIND) throw invalid(`unsupported kind ${goQuote(kind)}, expected ${goQuote(CATALOG_KIND)}`);
  }
  const seen = new Set<string>();
  for (const [index, entry] of catalog.validators.entries()) {
    if (entry.name === '') throw invalid(`validator[${index}]: name is required`);
    if (seen.has(entry.name)) throw invalid(`validator[${index}]: duplicate name ${goQuote(entry.name)}`);
    seen.add(entry.name);
    checkEntry(entry);
  }
}

function checkEntry(entry: ValidatorEntry): void {
  const head = `validator ${goQuote(entry.name)}:`;
  if (!isPhase(entry.phase)) {
    throw invalid(
      `${head} invalid phase ${goQuote(entry.phase)}, must be one of: deployment, performance, conformance`,
    );
  }
  if (entry.image === '') throw invalid(`${head} image is required`);
  // AICR does not wrap an error that already has a code, so these errors lack the prefix `validator "x":`.
  for (const dependency of entry.dependencyAffinity ?? []) checkDependencyAffinity(dependency);
}

function invalid(message: string): ContractError {
  return new ContractError('INVALID_REQUEST', message);
}

/**
 * Merges two catalogs (AICR's `--data`): entries of `overlay` replace those of `base` with the same name, in place, and
 * new ones come last.
 */
export function mergeCatalogs(base: Catalog, overlay: Catalog): Catalog {
  const byName = new Map(base.validators.map((entry) => [entry.name, entry]));
  for (const entry of overlay.validators) byName.set(entry.name, entry);
  return { ...overlay, ...base, validators: [...byName.values()] };
}
