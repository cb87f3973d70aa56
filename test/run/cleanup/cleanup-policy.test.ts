import { expect, it } from 'vitest';
import { cleanupFrom, isKept } from '../../../src/run/cleanup/cleanup-policy.ts';

const DAY = 24 * 60 * 60 * 1000;

it('takes everything back where nothing is said, within half an hour; what is kept stays for a week', () => {
  expect(cleanupFrom()).toEqual({ run: 'always', jobs: 'always', keepForMs: 7 * DAY, timeoutMs: 1_800_000 });
});

it('does with Jobs as with the run, unless they are named', () => {
  expect(cleanupFrom({ run: 'never' })).toMatchObject({ run: 'never', jobs: 'never' });
  expect(cleanupFrom({ run: 'never', jobs: 'always' })).toMatchObject({ run: 'never', jobs: 'always' });
  expect(cleanupFrom({ jobs: 'on-success', keepFor: '90s', timeout: '1m' })).toEqual({
    run: 'always',
    jobs: 'on-success',
    keepForMs: 90_000,
    timeoutMs: 60_000,
  });
});

it.each([
  ['always', 'failed', false],
  ['on-success', 'passed', false],
  ['on-success', 'skipped', false],
  ['on-success', 'failed', true],
  ['on-success', 'other', true],
  ['on-success', undefined, true],
  ['never', 'passed', true],
] as const)('policy %s keeps what ended %s: %s', (policy, status, kept) => {
  expect(isKept(policy, status)).toBe(kept);
});
