/** The catalog of validators (contract.md, section 11; AICR's `pkg/validator/v1/catalog.go` and `catalog.Parse`). */

import { CATALOG_API_VERSION, CATALOG_KIND } from '../constants.ts';
import { ContractError } from '../contract-error.ts';
import { formatGoDuration, parseGoDuration } from '../go/duration.ts';
import { goQuote } from '../go/quote.ts';
import { isPhase } from '../phase.ts';
import { checkDependencyAffinity, type DependencyAffinity } from './dependency-affinity.ts';

export interface ValidatorEntry {
  name: string;
  phase: string;
  description: string;
  image: string;
  /** Go's canonical form; `0s` where the catalog says nothing, which means the default. */
  timeout: string;
  args?: string[];
  env?: { name: string; value: string }[];
  resources?: { cpu: string; memory: string };
  dependencyAffinity?: DependencyAffinity[];
  /** Proctor's own: the resource classes this validator must have to itself. Nothing said: the default of its phase. */
  exclusive?: string[];
  /** Proctor's own: whether an attempt that was lost may be made again. */
  rerunnable?: boolean;
}

export interface Catalog {
  apiVersion?: string;
  kind?: string;
  metadata?: { name: string; version: string };
  validators: ValidatorEntry[];
}

/**
 * A catalog as AICR reads it: unknown fields and any name are accepted, the first thing that is wrong is thrown in AICR's words. The
 * document is already parsed; `catalog-yaml.ts` reads text with yaml.v3's own rules and errors.
 */
export function parseCatalog(document: unknown): Catalog {
  const catalog = decodeCatalog(document);
  checkAicrRules(catalog);
  return catalog;
}

/** `validate`: version and kind only where there is metadata, then every entry in turn. */
export function checkAicrRules(catalog: Catalog): void {
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
  // These errors carry a code already, and AICR passes such errors on as they are: no `validator "x"` before them.
  for (const dependency of entry.dependencyAffinity ?? []) checkDependencyAffinity(dependency);
}

function invalid(message: string): ContractError {
  return new ContractError('INVALID_REQUEST', message);
}

/** Entries of `overlay` replace those of `base` by name, in place; new ones come last (AICR's `--data` catalog). */
export function mergeCatalogs(base: Catalog, overlay: Catalog): Catalog {
  const byName = new Map(base.validators.map((entry) => [entry.name, entry]));
  for (const entry of overlay.validators) byName.set(entry.name, entry);
  return { ...overlay, ...base, validators: [...byName.values()] };
}

// Decoding: what yaml.v3 would put into the Go struct. A scalar becomes a string as it is; null, or nothing, the zero value.

function decodeCatalog(document: unknown): Catalog {
  const fields = mapping(document, 'catalog');
  const metadata = fields.metadata;
  return {
    ...optional('apiVersion', text(fields.apiVersion, 'apiVersion')),
    ...optional('kind', text(fields.kind, 'kind')),
    ...(metadata === undefined || metadata === null ? {} : { metadata: decodeMetadata(metadata) }),
    validators: list(fields.validators, 'validators').map((entry, index) => decodeEntry(entry, `validators[${index}]`)),
  };
}

function decodeMetadata(value: unknown): { name: string; version: string } {
  const fields = mapping(value, 'metadata');
  return { name: text(fields.name, 'metadata.name'), version: text(fields.version, 'metadata.version') };
}

function decodeEntry(value: unknown, path: string): ValidatorEntry {
  const fields = mapping(value, path);
  const { resources, exclusive, rerunnable } = fields;
  return {
    name: text(fields.name, `${path}.name`),
    phase: text(fields.phase, `${path}.phase`),
    description: text(fields.description, `${path}.description`),
    image: text(fields.image, `${path}.image`),
    timeout: timeout(fields.timeout, `${path}.timeout`),
    ...optionalList('args', texts(fields.args, `${path}.args`)),
    ...optionalList(
      'env',
      list(fields.env, `${path}.env`).map((item, i) => decodeEnv(item, `${path}.env[${i}]`)),
    ),
    ...(resources === undefined || resources === null ? {} : { resources: decodeResources(resources, path) }),
    ...optionalList('dependencyAffinity', decodeDependencies(fields.dependencyAffinity, path)),
    ...(Array.isArray(exclusive) ? { exclusive: texts(exclusive, `${path}.exclusive`) } : {}),
    ...(typeof rerunnable === 'boolean' ? { rerunnable } : {}),
  };
}

function decodeEnv(value: unknown, path: string): { name: string; value: string } {
  const fields = mapping(value, path);
  return { name: text(fields.name, `${path}.name`), value: text(fields.value, `${path}.value`) };
}

function decodeResources(value: unknown, path: string): { cpu: string; memory: string } {
  const fields = mapping(value, `${path}.resources`);
  return { cpu: text(fields.cpu, `${path}.resources.cpu`), memory: text(fields.memory, `${path}.resources.memory`) };
}

function decodeDependencies(value: unknown, path: string): DependencyAffinity[] {
  return list(value, `${path}.dependencyAffinity`).map((item, index) => {
    const at = `${path}.dependencyAffinity[${index}]`;
    const fields = mapping(item, at);
    const selector = mapping(fields.podLabelSelector, `${at}.podLabelSelector`);
    return {
      componentRef: text(fields.componentRef, `${at}.componentRef`),
      podLabelSelector: Object.fromEntries(Object.entries(selector).map(([key, label]) => [key, text(label, at)])),
      ...optional('requirement', text(fields.requirement, `${at}.requirement`)),
      ...optional('topologyKey', text(fields.topologyKey, `${at}.topologyKey`)),
    };
  });
}

function timeout(value: unknown, path: string): string {
  if (value === undefined || value === null) return '0s';
  try {
    if (typeof value === 'string') return formatGoDuration(parseGoDuration(value));
  } catch {
    // Reported below, in the same words as what is no text at all.
  }
  throw unreadable(path, `${JSON.stringify(value)} is not a duration`);
}

function texts(value: unknown, path: string): string[] {
  return list(value, path).map((item, index) => text(item, `${path}[${index}]`));
}

function text(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' || typeof value === 'function') throw unreadable(path, 'is not a string');
  return String(value);
}

/** A null item is left out, as yaml.v3 leaves it out. */
function list(value: unknown, path: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unreadable(path, 'is not a list');
  return value.filter((item) => item !== null && item !== undefined);
}

function mapping(value: unknown, path: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable(path, 'is not a mapping');
  return value as Record<string, unknown>;
}

function unreadable(path: string, problem: string): ContractError {
  return new ContractError('INTERNAL', 'failed to parse catalog YAML', new Error(`${path}: ${problem}`));
}

function optional<K extends string>(key: K, value: string): { [P in K]?: string } {
  return value === '' ? {} : ({ [key]: value } as { [P in K]?: string });
}

function optionalList<K extends string, T>(key: K, value: T[]): { [P in K]?: T[] } {
  return value.length === 0 ? {} : ({ [key]: value } as { [P in K]?: T[] });
}
