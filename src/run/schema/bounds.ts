import type { Fault } from '../fault.ts';

const MAX_DEPTH = 100;
/** Twice as many as a catalog of 1000 validators has. Each may be a fault, and all of them take half a second. */
const MAX_VALUES = 50_000;

/**
 * A fault of a value that is too deep or has too many parts to be checked field by field; none if it can be checked. A
 * workflow that runs out of stack or takes over a second does not fail: Temporal retries its task indefinitely.
 */
export function faultsOfBounds(value: unknown, path: string): Fault[] {
  let level = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return [{ path, message: `is nested more than ${MAX_DEPTH} levels deep` }];
    values += level.length;
    if (values > MAX_VALUES) return [{ path, message: `has more than ${MAX_VALUES} values` }];
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return [];
}
