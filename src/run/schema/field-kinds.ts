/** The kinds of fields that requests and configuration files share. */
import { z } from 'zod';
import { DURATION_TERMS, nsToMs, parseGoDuration } from '../../aicr/go/duration.ts';
import { DNS_LABEL, MAX_DNS_LABEL } from '../../aicr/job/names.ts';
import type { Fault } from '../fault.ts';
import { EDITOR_FIELD, must } from './words.ts';

/** An object with these fields and no others; an editor's `$schema` is accepted beside them. */
export function document<F extends z.ZodRawShape>(fields: F) {
  return z.strictObject({ [EDITOR_FIELD]: z.string().optional(), ...fields });
}

/**
 * An object with any keys of one kind and values of one kind. JSON and YAML may hold a key `__proto__`, which zod's
 * record leaves out unchecked, so it is refused.
 */
export function mapOf<K extends z.ZodString, V extends z.ZodType>(keys: K, values: V) {
  return z.preprocess(
    (given, context) => {
      if (typeof given === 'object' && given !== null && Object.hasOwn(given, UNSAFE_KEY))
        context.addIssue({ code: 'custom', message: 'is not allowed as a key', path: [UNSAFE_KEY], input: given });
      return given;
    },
    z.record(keys, values, { error: must('an object') }),
  );
}

const UNSAFE_KEY = '__proto__';

/** A text that matches the pattern. @param what completes "must be …". */
export function matching(pattern: RegExp, what: string) {
  return z.string({ error: must(what) }).regex(pattern, { error: must(what) });
}

/** A DNS-1123 label: what Kubernetes takes as the name of a namespace and as a label's value. */
export function dnsLabel(what: string) {
  const label = `${what} (a DNS label: lower-case letters, digits and hyphens)`;
  return matching(DNS_LABEL, label).max(MAX_DNS_LABEL, { error: must(label) });
}

export function wholeNumber(least: number, most: number) {
  const error = must(`a whole number from ${least} to ${most}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A Go duration of at least `least`, such as `90s`. */
export function duration({ least = '1s', most }: { least?: string; most?: string } = {}) {
  const isAtLeast = (text: string) => (msOf(text) ?? -1) >= (msOf(least) ?? 0);
  const error = must(`a duration such as 90s or 5m${least === '0s' ? '' : `, at least ${least}`}`);
  const schema = z.string({ error }).refine(isAtLeast, { error, abort: true }).meta({ pattern: DURATION_PATTERN });
  if (most === undefined) return schema;
  const isAtMost = (text: string) => (msOf(text) ?? 0) <= (msOf(most) ?? 0);
  return schema.refine(isAtMost, { error: must(`at most ${most}`) }).meta({ pattern: DURATION_PATTERN });
}

/** For editors. Go also accepts a sign and a bare `0`. */
const DURATION_PATTERN = `^${DURATION_TERMS}$`;

function msOf(text: string): number | undefined {
  try {
    return nsToMs(parseGoDuration(text));
  } catch {
    return undefined;
  }
}

/** Any value in which `check` finds no fault. The faults' paths are relative to it, such as `.validators[0].name`. */
export function checkedBy(check: (value: unknown) => Fault[]) {
  return z.unknown().superRefine((value, context) => {
    // `continue: false` makes a union report the fault as its own, and not as that of its only alternative.
    for (const { path, message } of check(value))
      context.addIssue({ code: 'custom', message, input: value, continue: false, params: { below: path } });
  });
}

/** The type of a schema's output whose optional fields are left out, never undefined (`exactOptionalPropertyTypes`). */
export type Exact<T> = T extends object ? { [K in keyof T]: Exact<Exclude<T[K], undefined>> } : T;
