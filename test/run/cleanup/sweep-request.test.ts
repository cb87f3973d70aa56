import { expect, it } from 'vitest';
import { checkSweepRequest } from '../../../src/run/cleanup/sweep-request.ts';

const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

it('refuses a request that is nested too deeply to be shown', () => {
  expect(checkSweepRequest({ cluster: nested(100_000) })).toEqual([
    { path: 'request', message: 'is nested more than 100 levels deep' },
  ]);
});

it('accepts every age from 0s on', () => {
  const faults = (minAge: string) => checkSweepRequest({ cluster: 'local', minAge }).length;
  expect(['0s', '1ns', '1h'].map(faults)).toEqual([0, 0, 0]);
  expect(['-1ns', '1', ''].map(faults)).toEqual([1, 1, 1]);
});
