import type { z } from 'zod';
import type { Fault } from '../fault.ts';
import { wordsOf } from './words.ts';

/**
 * zod compiles validators with `new Function` unless it is `jitless`, which saves nothing on documents that are checked
 * once. The option is not zod's global one, which would change every schema of a program that uses the client.
 */
const OPTIONS = { reportInput: true, error: wordsOf, jitless: true };

/** Checks a value against a schema, and returns every fault with the path of its field, which begins with `path`. */
export function faultsOf(schema: z.ZodType, value: unknown, path: string): Fault[] {
  const { error } = schema.safeParse(value, OPTIONS);
  return distinct((error?.issues ?? []).flatMap((issue) => faultsOfIssue(issue, path)));
}

function faultsOfIssue(issue: z.core.$ZodIssue, parent: string): Fault[] {
  const path = parent + issue.path.map(step).join('');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: `${path}.${key}`, message: issue.message }));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
  if (issue.code === 'invalid_union') return faultsOfUnion(issue, path);
  const below = issue.code === 'custom' ? String(issue.params?.below ?? '') : '';
  return [{ path: path + below, message: issue.message }];
}

/**
 * The faults of the alternative that the value's one key chooses. A union's alternatives are objects with one key each,
 * and the schema refuses a value with more keys or none before it tries the union.
 */
function faultsOfUnion(issue: z.core.$ZodIssueInvalidUnion, path: string): Fault[] {
  const chosen = issue.errors.find((issues) => !issues.some(isOfAnotherKey));
  if (chosen !== undefined) return chosen.flatMap((inner) => faultsOfIssue(inner, path));
  const [key] = Object.keys(issue.input as object);
  return [{ path: `${path}.${key}`, message: issue.message }];
}

/** Whether the issue says that the object has a key that this alternative does not know. */
function isOfAnotherKey(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0;
}

function step(key: PropertyKey): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}

/** One number may break two rules that have the same message, one after the other: it is neither whole nor in range. */
function distinct(faults: Fault[]): Fault[] {
  return faults.filter(({ path, message }, i) => path !== faults[i - 1]?.path || message !== faults[i - 1]?.message);
}
