import type { Fault } from '../fault.ts';
import { clearTextAdvice } from './secret-ref.ts';

/** The forwarded variable whose value is a secret. */
export const SECRET_NAME = 'HF_TOKEN';

/**
 * A fault for every token in clear text under `value`: as a field of its own, or as a variable of a catalog's
 * environment. Such a token would stay in Temporal's history and in the Job, so the request is refused.
 */
export function secretsInClear(value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => secretsInClear(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const isVariable = (value as { name?: unknown }).name === SECRET_NAME;
  return Object.entries(value).flatMap(([key, item]) => {
    const isSecret =
      (key === SECRET_NAME || (key === 'value' && isVariable)) && typeof item === 'string' && item !== '';
    return isSecret
      ? [{ path: `${path}.${key}`, message: clearTextAdvice(SECRET_NAME) }]
      : secretsInClear(item, `${path}.${key}`);
  });
}
