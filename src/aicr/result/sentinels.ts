/**
 * Parses sentinels, the lines of a log in which a validator writes structured data (AICR's `parseExtraSentinels` and
 * `parseProvenanceSentinels`; docs/contract.md, section 8).
 */
import { EXTRA_LINE_PREFIX, PROVENANCE_LINE_PREFIX } from '../constants.ts';
import { itemsOf, type JsonValue, membersOf, parseGoJson, stringOf } from '../go/json.ts';
import { encodeUtf8 } from '../go/utf8.ts';

/** Which manifest a validator ran (AICR's `RuntimeProvenance`). */
export interface RuntimeProvenance {
  shippedDigest: string;
  derivedDigest: string;
  overriddenPaths?: string[];
  inheritedPaths?: string[];
}

export type SentinelKind = 'extra' | 'provenance';

export const SENTINEL_PREFIXES: readonly { kind: SentinelKind; bytes: Uint8Array }[] = [
  { kind: 'extra', bytes: encodeUtf8(EXTRA_LINE_PREFIX) },
  { kind: 'provenance', bytes: encodeUtf8(PROVENANCE_LINE_PREFIX) },
];

/** Parses an extra line's map of strings; undefined if it is empty. Throws Go's error if it is invalid. */
export function parseExtra(payload: Uint8Array): Record<string, string> | undefined {
  const value = parseGoJson(payload);
  if (value.kind === 'null') return undefined;
  if (value.kind !== 'object') throw wrongType(value, 'value of type map[string]string');
  const entries = new Map<string, string>();
  let problem: Error | undefined;
  for (const [key, member] of membersOf(value)) {
    if (member.kind === 'string' || member.kind === 'null')
      entries.set(key, member.kind === 'null' ? '' : stringOf(member));
    else problem ??= wrongType(member, 'value of type string');
  }
  if (problem !== undefined) throw problem;
  return entries.size === 0 ? undefined : Object.fromEntries(entries);
}

const TEXT_FIELDS = ['shippedDigest', 'derivedDigest'] as const;
const LIST_FIELDS = ['overriddenPaths', 'inheritedPaths'] as const;

/** Parses a provenance line; undefined if a digest is missing. Throws Go's error if it is invalid. */
export function parseProvenance(payload: Uint8Array): RuntimeProvenance | undefined {
  const value = parseGoJson(payload);
  if (value.kind === 'null') return undefined;
  if (value.kind !== 'object') throw wrongType(value, 'value of type ctrf.RuntimeProvenance');
  const record: RuntimeProvenance = { shippedDigest: '', derivedDigest: '' };
  const problems: Error[] = [];
  for (const [key, member] of membersOf(value)) {
    const text = TEXT_FIELDS.find((name) => matches(name, key));
    if (text !== undefined) setText(record, text, member, problems);
    const list = LIST_FIELDS.find((name) => matches(name, key));
    if (list !== undefined) setList(record, list, member, problems);
  }
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  for (const name of LIST_FIELDS) if (record[name]?.length === 0) delete record[name];
  return record.shippedDigest === '' || record.derivedDigest === '' ? undefined : record;
}

function setText(
  record: RuntimeProvenance,
  name: (typeof TEXT_FIELDS)[number],
  value: JsonValue,
  problems: Error[],
): void {
  if (value.kind === 'string') record[name] = stringOf(value);
  else if (value.kind !== 'null') problems.push(wrongField(value, name, 'string'));
}

/** If a key occurs twice, Go decodes the second list into the first, so a null item leaves the first list's item. */
function setList(
  record: RuntimeProvenance,
  name: (typeof LIST_FIELDS)[number],
  value: JsonValue,
  problems: Error[],
): void {
  if (value.kind === 'null') delete record[name];
  else if (value.kind !== 'array') problems.push(wrongField(value, name, '[]string'));
  else {
    const before = record[name] ?? [];
    record[name] = [...itemsOf(value)].map((item, index) => {
      if (item.kind === 'string') return stringOf(item);
      if (item.kind !== 'null') problems.push(wrongField(item, name, 'string'));
      return before[index] ?? '';
    });
  }
}

/** Go matches field names by Unicode's simple case folding, in which `ſ` equals `s`. */
function matches(name: string, key: string): boolean {
  return name === key || fold(name) === fold(key);
}

function fold(text: string): string {
  return text.replaceAll('ſ', 's').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function wrongField(value: JsonValue, name: string, type: string): Error {
  return wrongType(value, `struct field RuntimeProvenance.${name} of type ${type}`);
}

function wrongType(value: JsonValue, target: string): Error {
  return new Error(`json: cannot unmarshal ${value.kind} into Go ${target}`);
}
