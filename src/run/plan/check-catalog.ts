/**
 * Proctor's own check of a catalog. It is stricter than AICR's: for example, it refuses names that no Job can have, and
 * negative timeouts. It lists every fault with the path of its field, so that all can be fixed at once.
 */

import { CATALOG, type Fields, type Kind } from '../../aicr/catalog/catalog-fields.ts';
import { WrittenScalar } from '../../aicr/catalog/written-scalar.ts';
import { CATALOG_API_VERSION, CATALOG_KIND } from '../../aicr/constants.ts';
import { parseGoDuration } from '../../aicr/go/duration.ts';
import type { Fault } from '../fault.ts';
import { bounded, show } from '../schema/words.ts';
import { TEXT_RULES, type TextRule } from './catalog-rules.ts';

/** As many as a person may want to read, and few enough to fit into the failure of a workflow. */
export const MAX_FAULTS = 50;

/**
 * Checks a catalog and returns every fault, at most 50 and a count of the others.
 * @param document a catalog from JSON, or from YAML as `writtenCatalogOf` reads it.
 */
export function checkCatalog(document: unknown, path: string): Fault[] {
  const faults = new Faults();
  if (isMapping(document)) checkDocument(document, path, faults);
  else faults.add(path, 'must be a mapping with a list of validators');
  return faults.list();
}

class Faults {
  readonly #all: Fault[] = [];
  #more = 0;

  add(path: string, message: string): void {
    if (this.#all.length < MAX_FAULTS) this.#all.push({ path, message });
    else this.#more++;
  }

  list(): Fault[] {
    const last = this.#all.at(-1);
    return this.#more === 0 || last === undefined
      ? this.#all
      : [...this.#all, { path: last.path, message: `and ${this.#more} more` }];
  }
}

type Mapping = Record<string, unknown>;

function checkDocument(document: Mapping, path: string, faults: Faults): void {
  if (isGiven(document.metadata)) checkHeader(document, path, faults);
  const { validators } = document;
  if (!Array.isArray(validators)) {
    faults.add(`${path}.validators`, 'must be a list of validators');
    return;
  }
  const seen = new Map<unknown, number>();
  for (const [index, entry] of validators.entries()) {
    const at = `${path}.validators[${index}]`;
    checkValue(entry, CATALOG.fields.validators.of, at, faults);
    if (isMapping(entry)) checkUnique(entry.name, `${at}.name`, seen, index, faults);
  }
}

/** A catalog with metadata is a separate file, which names its kind. Without metadata, it is part of a document. */
function checkHeader(document: Mapping, path: string, faults: Faults): void {
  for (const [name, value] of [
    ['apiVersion', CATALOG_API_VERSION],
    ['kind', CATALOG_KIND],
  ] as const)
    if (document[name] !== value) faults.add(`${path}.${name}`, `${shown(document[name])} is not "${value}"`);
  checkValue(document.metadata, CATALOG.fields.metadata, `${path}.metadata`, faults);
}

function checkUnique(name: unknown, path: string, seen: Map<unknown, number>, index: number, faults: Faults): void {
  if (typeof name !== 'string' || name === '') return;
  const first = seen.get(name);
  if (first === undefined) seen.set(name, index);
  else faults.add(path, `${shown(name)} is already the name of validators[${first}]`);
}

function checkFields(record: Mapping, fields: Fields, path: string, faults: Faults): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (isGiven(value) || field.required === true) checkValue(value, field, `${path}.${name}`, faults);
  }
}

function checkValue(value: unknown, kind: Kind, path: string, faults: Faults): void {
  switch (kind.kind) {
    case 'text':
      checkText(value, kind, path, faults);
      break;
    case 'duration':
      checkDuration(value, path, faults);
      break;
    case 'boolean':
      checkBoolean(value, path, faults);
      break;
    case 'labels':
      checkLabels(value, path, faults);
      break;
    case 'list':
      checkList(value, kind.of, path, faults);
      break;
    case 'record':
      if (isMapping(value)) checkFields(value, kind.fields, path, faults);
      else faults.add(path, `must be a mapping with ${listed(Object.keys(kind.fields))}`);
  }
}

type Text = Extract<Kind, { kind: 'text' }>;

function checkText(value: unknown, kind: Text, path: string, faults: Faults): void {
  const fault = textFault(value, kind);
  if (fault !== undefined) faults.add(path, fault);
}

function textFault(value: unknown, { oneOf, rule: name }: Text): string | undefined {
  const text = textOf(value);
  if (text === undefined) return `${shown(value)} is not text`;
  if (oneOf !== undefined) return oneOfFault(value, text, oneOf);
  return name === undefined ? changedFault(value) : ruleFault(value, text, TEXT_RULES[name]);
}

/** The text that AICR reads; empty if there is no value. Undefined if the value is not a scalar. */
function textOf(value: unknown): string | undefined {
  if (!isGiven(value)) return '';
  if (value instanceof WrittenScalar) return value.text;
  return typeof value === 'object' ? undefined : String(value);
}

function oneOfFault(value: unknown, text: string, allowed: readonly string[]): string | undefined {
  if (allowed.includes(text)) return undefined;
  return `${shown(value)} is not ${allowed.length === 2 ? allowed.join(' or ') : `one of ${allowed.join(', ')}`}`;
}

function ruleFault(value: unknown, text: string, rule: TextRule): string | undefined {
  const unquoted = rule.unquoted === true ? undefined : unquotedFault(value);
  if (unquoted !== undefined) return unquoted;
  if (text === '' && rule.missing !== undefined) return rule.missing;
  return rule.accepts(text) ? undefined : `${shown(value)} ${rule.refusal}`;
}

/** The fault of a scalar that was written without quotes and is not read as text. */
function unquotedFault(value: unknown): string | undefined {
  if (value instanceof WrittenScalar) return `YAML reads ${shown(value)} as ${value.reads}: put it in quotes`;
  return typeof value === 'number' || typeof value === 'boolean'
    ? `${shown(value)} is a ${typeof value}: put it in quotes`
    : undefined;
}

/**
 * The fault of a text that would not reach a validator as it was written: null, which AICR leaves out of a list, and a
 * JSON number that has lost digits. A YAML number keeps its text.
 */
function changedFault(value: unknown): string | undefined {
  if (value instanceof WrittenScalar && value.reads === 'no value') return unquotedFault(value);
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? unquotedFault(value) : undefined;
}

function checkDuration(value: unknown, path: string, faults: Faults): void {
  let ns: bigint | undefined;
  try {
    if (typeof value === 'string') ns = parseGoDuration(value);
  } catch {
    // `ns` stays undefined, and the next line reports it.
  }
  if (ns === undefined) faults.add(path, `${shown(value)} is not a duration such as 90s or 5m`);
  else if (ns < 0n) faults.add(path, `${shown(value)} is negative`);
}

function checkBoolean(value: unknown, path: string, faults: Faults): void {
  const isBoolean = value instanceof WrittenScalar ? value.reads === 'a boolean' : typeof value === 'boolean';
  if (!isBoolean) faults.add(path, `${shown(value)} is not true or false`);
}

function checkLabels(value: unknown, path: string, faults: Faults): void {
  if (!isMapping(value) || Object.keys(value).length === 0) {
    faults.add(path, 'at least one label is required');
    return;
  }
  for (const [key, label] of Object.entries(value))
    if (typeof label !== 'string')
      faults.add(`${path}.${key}`, unquotedFault(label) ?? `${shown(label)} is not a label's value`);
}

function checkList(value: unknown, item: Kind, path: string, faults: Faults): void {
  if (!Array.isArray(value)) {
    faults.add(path, `${shown(value)} is not a list`);
    return;
  }
  for (const [index, each] of value.entries()) checkValue(each, item, `${path}[${index}]`, faults);
}

function isGiven(value: unknown): boolean {
  if (value instanceof WrittenScalar) return value.reads !== 'no value';
  return value !== undefined && value !== null;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenScalar);
}

/** `a, b and c`. */
function listed(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

function shown(value: unknown): string {
  return value instanceof WrittenScalar ? bounded(value.text) : show(value);
}
