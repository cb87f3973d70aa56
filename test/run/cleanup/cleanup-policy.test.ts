import { expect, it } from 'vitest';
import { cleanupFrom, isKept } from '../../../src/run/cleanup/cleanup-policy.ts';

const DAY = 24 * 60 * 60 * 1000;

it('removes everything within 30 minutes by default, and keeps kept objects for a week', () => {
  expect(cleanupFrom()).toEqual({ run: 'always', jobs: 'always', keepForMs: 7 * DAY, timeoutMs: 1_800_000 });
});

it('applies the run’s policy to Jobs unless the request sets another', () => {
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
] as const)('keeps, under policy %s, a validator that ended %s: %s', (policy, status, kept) => {
  expect(isKept(policy, status)).toBe(kept);
});
