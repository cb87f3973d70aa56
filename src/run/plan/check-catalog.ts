/**
 * Proctor's own check of a catalog, stricter than AICR's: every fault is listed with the path of its field, since a list of everything
 * wrong is fixed in one go. Unlike AICR's it refuses names that no Job could have, and timeouts below zero.
 */

import { CATALOG_API_VERSION, CATALOG_KIND } from '../../aicr/constants.ts';
import { parseGoDuration } from '../../aicr/go/duration.ts';
import { isQuantity } from '../../aicr/go/quantity.ts';
import { isDnsLabel, MAX_VALIDATOR_NAME } from '../../aicr/job/names.ts';
import { isPhase, PHASES } from '../../aicr/phase.ts';
import type { Fault } from '../fault.ts';

/** More than anyone reads, and few enough to fit a workflow's failure. */
export const MAX_FAULTS = 50;
const MAX_SHOWN = 60;

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
  const seen = new Map<string, number>();
  for (const [index, entry] of validators.entries()) {
    const at = `${path}.validators[${index}]`;
    if (isMapping(entry)) checkEntry(entry, at, seen, index, faults);
    else faults.add(at, 'must be a mapping');
  }
}

/** A catalog with metadata is a file of its own and says what it is; one without is part of another document. */
function checkHeader(document: Mapping, path: string, faults: Faults): void {
  if (document.apiVersion !== CATALOG_API_VERSION) {
    faults.add(`${path}.apiVersion`, `${shown(document.apiVersion)} is not "${CATALOG_API_VERSION}"`);
  }
  if (document.kind !== CATALOG_KIND) faults.add(`${path}.kind`, `${shown(document.kind)} is not "${CATALOG_KIND}"`);
  const { metadata } = document;
  if (!isMapping(metadata)) {
    faults.add(`${path}.metadata`, 'must be a mapping');
    return;
  }
  for (const key of ['name', 'version']) checkText(metadata[key], `${path}.metadata.${key}`, faults);
}

function checkEntry(entry: Mapping, path: string, seen: Map<string, number>, index: number, faults: Faults): void {
  checkName(entry.name, `${path}.name`, seen, index, faults);
  if (typeof entry.phase !== 'string' || !isPhase(entry.phase)) {
    faults.add(`${path}.phase`, `${shown(entry.phase)} is not one of ${PHASES.join(', ')}`);
  }
  checkText(entry.description, `${path}.description`, faults);
  if (typeof entry.image !== 'string' || entry.image === '') faults.add(`${path}.image`, 'an image is required');
  else if (/\s/.test(entry.image)) faults.add(`${path}.image`, `${shown(entry.image)} is not an image reference`);
  checkTimeout(entry.timeout, `${path}.timeout`, faults);
  checkTexts(entry.args, `${path}.args`, faults);
  checkEnv(entry.env, `${path}.env`, faults);
  checkResources(entry.resources, `${path}.resources`, faults);
  checkDependencies(entry.dependencyAffinity, `${path}.dependencyAffinity`, faults);
  checkExclusive(entry.exclusive, `${path}.exclusive`, faults);
  if (isGiven(entry.rerunnable) && typeof entry.rerunnable !== 'boolean') {
    faults.add(`${path}.rerunnable`, `${shown(entry.rerunnable)} is not true or false`);
  }
}

function checkName(name: unknown, path: string, seen: Map<string, number>, index: number, faults: Faults): void {
  if (typeof name !== 'string' || name === '') {
    faults.add(path, 'a name is required');
    return;
  }
  if (!isDnsLabel(name) || name.length > MAX_VALIDATOR_NAME) {
    faults.add(
      path,
      `${shown(name)} is not a name for a Job: lower-case letters, digits and hyphens, beginning and ending with a letter or digit, ` +
        `at most ${MAX_VALIDATOR_NAME} characters`,
    );
  }
  const first = seen.get(name);
  if (first === undefined) seen.set(name, index);
  else faults.add(path, `${shown(name)} is already the name of validators[${first}]`);
}

function checkTimeout(value: unknown, path: string, faults: Faults): void {
  if (!isGiven(value)) return;
  let ns: bigint | undefined;
  try {
    if (typeof value === 'string') ns = parseGoDuration(value);
  } catch {
    // `ns` stays unset, which is what the next line reports.
  }
  if (ns === undefined) faults.add(path, `${shown(value)} is not a duration such as 90s or 5m`);
  else if (ns < 0n) faults.add(path, `${shown(value)} is less than nothing`);
}

function checkEnv(value: unknown, path: string, faults: Faults): void {
  for (const [item, at] of items(value, path, faults)) {
    if (!isMapping(item)) {
      faults.add(at, 'must be a mapping with name and value');
      continue;
    }
    if (typeof item.name !== 'string' || !/^[^=\0]+$/.test(item.name)) {
      faults.add(`${at}.name`, `${shown(item.name)} is not the name of a variable`);
    }
    checkText(item.value, `${at}.value`, faults);
  }
}

function checkResources(value: unknown, path: string, faults: Faults): void {
  if (!isGiven(value)) return;
  if (!isMapping(value)) {
    faults.add(path, 'must be a mapping with cpu and memory');
    return;
  }
  for (const key of ['cpu', 'memory']) {
    const quantity = value[key];
    const given = typeof quantity === 'number' ? String(quantity) : quantity;
    if (!isGiven(given) || given === '') faults.add(`${path}.${key}`, 'cpu and memory are both required');
    else if (typeof given !== 'string' || !isQuantity(given) || given.startsWith('-')) {
      faults.add(`${path}.${key}`, `${shown(quantity)} is not a quantity such as 500m or 2Gi`);
    }
  }
}

function checkDependencies(value: unknown, path: string, faults: Faults): void {
  for (const [item, at] of items(value, path, faults)) {
    if (!isMapping(item)) {
      faults.add(at, 'must be a mapping with componentRef and podLabelSelector');
      continue;
    }
    if (typeof item.componentRef !== 'string' || item.componentRef === '') {
      faults.add(`${at}.componentRef`, 'the name of a component is required');
    }
    checkSelector(item.podLabelSelector, `${at}.podLabelSelector`, faults);
    if (isGiven(item.requirement) && item.requirement !== 'required' && item.requirement !== 'preferred') {
      faults.add(`${at}.requirement`, `${shown(item.requirement)} is not required or preferred`);
    }
    checkText(item.topologyKey, `${at}.topologyKey`, faults);
  }
}

function checkSelector(value: unknown, path: string, faults: Faults): void {
  if (!isMapping(value) || Object.keys(value).length === 0) {
    faults.add(path, 'at least one label is required');
    return;
  }
  for (const [key, label] of Object.entries(value)) {
    if (typeof label !== 'string') faults.add(`${path}.${key}`, `${shown(label)} is not a label's value`);
  }
}

function checkExclusive(value: unknown, path: string, faults: Faults): void {
  for (const [item, at] of items(value, path, faults)) {
    if (typeof item !== 'string' || !isDnsLabel(item)) {
      faults.add(at, `${shown(item)} is not the name of a resource class: lower-case letters, digits and hyphens`);
    }
  }
}

function checkTexts(value: unknown, path: string, faults: Faults): void {
  for (const [item, at] of items(value, path, faults)) checkText(item, at, faults);
}

/** Text, or a scalar that YAML made something else of and that still is text to AICR (`1`, `true`). */
function checkText(value: unknown, path: string, faults: Faults): void {
  if (isGiven(value) && typeof value === 'object') faults.add(path, `${shown(value)} is not text`);
}

/** The items of a list with their paths; nothing given is an empty list, anything else a fault. */
function items(value: unknown, path: string, faults: Faults): [unknown, string][] {
  if (!isGiven(value)) return [];
  if (Array.isArray(value)) return value.map((item, index) => [item, `${path}[${index}]`]);
  faults.add(path, `${shown(value)} is not a list`);
  return [];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : String(JSON.stringify(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
