/** Checks of a value's shape: each returns every fault it finds, with the path of the field. Requests and policies are checked with them. */

import { isDnsLabel } from '../../aicr/job/names.ts';
import type { Fault } from '../fault.ts';

export type Check = (value: unknown, path: string) => Fault[];

export function record(fields: Record<string, Check>, required: string[] = []): Check {
  return (value, path) => {
    if (object(value, path).length > 0) return object(value, path);
    const given = value as Record<string, unknown>;
    const faults: Fault[] = [];
    for (const name of required)
      if (given[name] === undefined) faults.push({ path: `${path}.${name}`, message: 'is required' });
    for (const [name, field] of Object.entries(given)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check === undefined)
        faults.push({
          path: `${path}.${name}`,
          message: `is not a field; the fields are ${Object.keys(fields).join(', ')}`,
        });
      else if (field !== undefined) faults.push(...check(field, `${path}.${name}`));
    }
    return faults;
  };
}

export function list(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, i) => check(item, `${path}[${i}]`))
      : [{ path, message: `must be a list, not ${show(value)}` }];
}

export function mapOf(check: Check): Check {
  return (value, path) => {
    const faults = object(value, path);
    return faults.length > 0
      ? faults
      : Object.entries(value as object).flatMap(([key, item]) => check(item, `${path}.${key}`));
  };
}

export function oneOf(allowed: readonly unknown[]): Check {
  return (value, path) =>
    allowed.includes(value) ? [] : [{ path, message: `must be ${allowed.join(', ')}, not ${show(value)}` }];
}

export function matches(pattern: RegExp, what: string): Check {
  return (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : [{ path, message: `must be ${what}, not ${show(value)}` }];
}

export function dnsLabel(what: string): Check {
  return (value, path) =>
    typeof value === 'string' && isDnsLabel(value)
      ? []
      : [
          {
            path,
            message: `must be ${what} (a DNS label: lower-case letters, digits and hyphens), not ${show(value)}`,
          },
        ];
}

export function integer(least: number, most: number): Check {
  return (value, path) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? []
      : [{ path, message: `must be a whole number from ${least} to ${most}, not ${show(value)}` }];
}

export function text(value: unknown, path: string): Fault[] {
  return typeof value === 'string' ? [] : [{ path, message: `must be a text, not ${show(value)}` }];
}

export function boolean(value: unknown, path: string): Fault[] {
  return typeof value === 'boolean' ? [] : [{ path, message: `must be true or false, not ${show(value)}` }];
}

export function object(value: unknown, path: string): Fault[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? [] : [{ path, message: `must be an object, not ${show(value)}` }];
}

const MAX_SHOWN = 60;

/** A value as a fault shows it; bounded, since a whole catalog may stand where a number should. */
export function show(value: unknown): string {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}
