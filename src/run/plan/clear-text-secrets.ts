import type { Fault } from '../fault.ts';
import { isClearTextSecret } from '../schema/secret-field.ts';
import { clearTextAdvice } from './secret-ref.ts';

/**
 * A fault for every token in clear text under `value`: as a field, or as a variable of a catalog's
 * environment. The token would stay in Temporal's history and in the Job, so the request is refused.
 */
export function secretsInClear(value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => secretsInClear(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    isClearTextSecret(value, key, item)
      ? [{ path: `${path}.${key}`, message: clearTextAdvice() }]
      : secretsInClear(item, `${path}.${key}`),
  );
}
