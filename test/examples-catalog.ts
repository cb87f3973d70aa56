import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));

/** An entry of an example catalog, with the fields that the tests read. */
export interface Entry {
  readonly name: string;
  readonly phase: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value: string }[];
  readonly resources?: { cpu: string; memory: string };
  readonly exclusive?: readonly string[];
}

export function readCatalog(file: string): readonly Entry[] {
  return (parse(readFileSync(EXAMPLES + file, 'utf8')) as { validators: Entry[] }).validators;
}

export const catalog = readCatalog('catalog.yaml');

export function entryNamed(name: string): Entry {
  const found = catalog.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the catalog has no ${name}`);
  return found;
}
