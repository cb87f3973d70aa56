import { expect, it } from 'vitest';
import { checkSelection } from '../../../src/run/plan/check-selection.ts';
import { catalog } from './four-validators.ts';

it('reports unknown, misplaced and repeated checks and unknown skips at once, with their paths', () => {
  const { faults } = checkSelection(catalog, {
    checks: { deployment: ['a', 'nobody', 'c', 'a', 'a'], performance: ['perf', 'perf'] },
    skipChecks: ['c', 'no-one'],
  });
  expect(faults).toEqual([
    { path: 'request.checks.deployment[1]', message: 'the catalog has no validator named "nobody"' },
    { path: 'request.checks.deployment[2]', message: 'the catalog has "c" in phase conformance' },
    { path: 'request.checks.deployment[3]', message: '"a" is declared twice, first at [0]' },
    { path: 'request.checks.deployment[4]', message: '"a" is declared twice, first at [0]' },
    { path: 'request.checks.performance[1]', message: '"perf" is declared twice, first at [0]' },
    { path: 'request.skipChecks[1]', message: 'the catalog has no validator named "no-one"' },
  ]);
});

it('refuses a skip list that leaves a phase without validators', () => {
  expect(checkSelection(catalog, { checks: { deployment: ['a'] }, skipChecks: ['a'] }).faults).toEqual([
    { path: 'request.skipChecks', message: expect.stringContaining('every validator of phase deployment') },
  ]);
});

it('refuses a request that would run nothing', () => {
  const message = 'nothing would run: the catalog has no validator in the phases and checks asked for';
  expect(checkSelection(catalog, { checks: {} }).faults).toEqual([{ path: 'request.checks', message }]);
  expect(checkSelection({ validators: [] }, {}).faults).toEqual([{ path: 'request', message }]);
  // Another fault is more specific, so this one is left out.
  expect(checkSelection(catalog, { checks: { deployment: ['nobody'] } }).faults).toMatchObject([
    { path: 'request.checks.deployment[0]' },
  ]);
});

it('only warns about a skipped check that would not run, and about checks of a phase that is left out', () => {
  const { faults, warnings } = checkSelection(catalog, {
    phases: ['deployment'],
    checks: { deployment: ['a', 'b'], conformance: ['c'] },
    skipChecks: ['a', 'perf'],
  });
  expect(faults).toEqual([]);
  expect(warnings).toEqual([
    'request.checks.conformance: its checks do not run, since request.phases leaves the phase out',
    'request.skipChecks[1]: "perf" would not run in this run anyway',
  ]);
});
