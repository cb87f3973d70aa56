import { expect, it } from 'vitest';
import { jsonBytes } from '../../../src/run/plan/budgets.ts';
import { boundFaults, boundWarnings } from '../../../src/run/plan/review.ts';

it('limits the number and the length of faults', () => {
  const faults = Array.from({ length: 1000 }, () => ({ path: 'p'.repeat(10_000), message: 'm'.repeat(10_000) }));
  const bounded = boundFaults(faults);
  expect(bounded.at(-1)).toEqual({ path: '…', message: 'and 950 more' });
  expect(jsonBytes(bounded)).toBeLessThan(50_000);
  expect(boundFaults(faults.slice(0, 50))).toHaveLength(50);
  const cutAt = (path: number, message: number) =>
    boundFaults([{ path: 'p'.repeat(path), message: 'm'.repeat(message) }]);
  expect(cutAt(200, 600)).toEqual([{ path: 'p'.repeat(200), message: 'm'.repeat(600) }]);
  expect(cutAt(201, 601)).toEqual([{ path: `${'p'.repeat(200)}…`, message: `${'m'.repeat(600)}…` }]);
});

it('limits the number and the length of warnings, and drops repeated ones', () => {
  expect(boundWarnings(['a', 'b', 'a'])).toEqual(['a', 'b']);
  expect(boundWarnings(Array.from({ length: 50 }, (_, i) => `${i}`))).toHaveLength(50);
  const bounded = boundWarnings(Array.from({ length: 1000 }, (_, i) => `${i} ${'w'.repeat(10_000)}`));
  expect(bounded.at(-1)).toBe('… and 950 more warnings');
  expect(jsonBytes(bounded)).toBeLessThan(50_000);
});
