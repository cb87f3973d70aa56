/**
 * Decodes a parsed document, such as JSON, as yaml.v3 would decode it into AICR's Go types. A scalar becomes a string.
 * Null and absent fields become zero values.
 */
import { ContractError } from '../contract-error.ts';
import { formatGoDuration, parseGoDuration } from '../go/duration.ts';
import { CATALOG, type Catalog, type Field, type Fields, type Kind } from './catalog-fields.ts';

/** @throws ContractError with the path of the first value that does not fit. */
export function decodeDocument(document: unknown): Catalog {
  // Safe, since the type is derived from the same table.
  return decodeRecord(document, CATALOG.fields, '') as unknown as Catalog;
}

function decodeRecord(value: unknown, fields: Fields, path: string): Record<string, unknown> {
  const given = mapping(value, path);
  const decoded = Object.entries(fields).map(([name, field]) => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    return [name, decodeField(own, field, path === '' ? name : `${path}.${name}`)] as const;
  });
  return Object.fromEntries(decoded.filter(([, field]) => field !== undefined));
}

/** The decoded value; undefined if the field is left out of the decoded catalog. */
function decodeField(value: unknown, field: Field, path: string): unknown {
  if (field.proctorOnly === true) return isOfKind(value, field) ? decodeValue(value, field, path) : undefined;
  if (field.omitEmpty !== true) return decodeValue(value, field, path);
  if (!isGiven(value)) return undefined;
  const decoded = decodeValue(value, field, path);
  const isEmpty = decoded === '' || (Array.isArray(decoded) && decoded.length === 0);
  return isEmpty ? undefined : decoded;
}

/** Whether the value has this kind. AICR accepts any value in a field that it ignores, so a wrong one is left out. */
function isOfKind(value: unknown, { kind }: Kind): boolean {
  return kind === 'list' ? Array.isArray(value) : typeof value === kind;
}

function decodeValue(value: unknown, kind: Kind, path: string): unknown {
  switch (kind.kind) {
    case 'text':
      return text(value, path);
    case 'duration':
      return duration(value, path);
    case 'boolean':
      return value;
    case 'labels':
      return Object.fromEntries(
        Object.entries(mapping(value, path)).map(([key, label]) => [key, text(label, `${path}.${key}`)]),
      );
    case 'list':
      return list(value, path).map((item, index) => decodeValue(item, kind.of, `${path}[${index}]`));
    case 'record':
      return decodeRecord(value, kind.fields, path);
  }
}

function duration(value: unknown, path: string): string {
  if (!isGiven(value)) return '0s';
  try {
    if (typeof value === 'string') return formatGoDuration(parseGoDuration(value));
  } catch {
    // Refused below, with the same message as a value that is not a string.
  }
  throw unreadable(path, `${JSON.stringify(value)} is not a duration`);
}

function text(value: unknown, path: string): string {
  if (!isGiven(value)) return '';
  if (typeof value === 'object' || typeof value === 'function') throw unreadable(path, 'is not a string');
  return String(value);
}

/** The list without null items, which yaml.v3 leaves out. */
function list(value: unknown, path: string): unknown[] {
  if (!isGiven(value)) return [];
  if (!Array.isArray(value)) throw unreadable(path, 'is not a list');
  return value.filter(isGiven);
}

function mapping(value: unknown, path: string): Record<string, unknown> {
  if (!isGiven(value)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable(path, 'is not a mapping');
  return value as Record<string, unknown>;
}

function isGiven(value: unknown): value is NonNullable<unknown> {
  return value !== undefined && value !== null;
}

function unreadable(path: string, problem: string): ContractError {
  const place = path === '' ? 'catalog' : path;
  return new ContractError('INTERNAL', 'failed to parse catalog YAML', new Error(`${place}: ${problem}`));
}
