import type { z } from 'zod';
import { isClearTextSecret } from './secret-field.ts';

/** How many characters of a value's JSON are shown. A whole catalog may be where a number belongs. */
const MAX_SHOWN = 60;

type Words = (issue: z.core.$ZodRawIssue) => string;

/** The value as a fault shows it: bounded, and without secrets, since Temporal's history keeps the fault. */
export function show(value: unknown): string {
  return value === undefined ? 'nothing' : bounded(JSON.stringify(value, withoutSecrets) ?? typeof value);
}

/** A text as a fault shows it. */
export function bounded(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** A replacer of `JSON.stringify`, which calls it with the owner of the field as `this`. */
function withoutSecrets(this: unknown, field: string, value: unknown): unknown {
  // A token is easily put into a reference, instead of the Secret's name or key.
  return isClearTextSecret(this, field, value) || field === 'secretKeyRef' ? '…' : value;
}

/** The error of a field that must be `what`. It shows the value that was given instead. */
export function must(what: string): Words {
  return ({ input, path = [] }) =>
    input === undefined && path.length > 0 ? 'is required' : `must be ${what}, not ${show(input)}`;
}

/** Zod's types in words for a person. */
const TYPES: Record<string, string> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The message of an issue if its schema has none. */
export const wordsOf: Words = (issue) => {
  if (issue.code === 'unrecognized_keys') return `is not a field; the fields are ${knownFields(issue).join(', ')}`;
  if (issue.code === 'invalid_value') return must(issue.values.join(', '))(issue);
  if (issue.code === 'invalid_type') return must(TYPES[issue.expected] ?? issue.expected)(issue);
  return issue.message ?? `${show(issue.input)} is not valid`;
};

function knownFields({ inst }: z.core.$ZodRawIssue): string[] {
  const { shape } = (inst as z.core.$ZodObject | undefined)?._zod.def ?? {};
  return Object.keys(shape ?? {}).filter((field) => field !== EDITOR_FIELD);
}

/** The field with which a JSON file names its schema for an editor. Accepted and ignored. */
export const EDITOR_FIELD = '$schema';
