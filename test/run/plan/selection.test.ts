import { expect, it } from 'vitest';
import { type Catalog, parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { checkSelection, exclusiveClasses, selectValidators } from '../../../src/run/plan/selection.ts';

const entry = (name: string, phase: string) => ({ name, phase, image: 'img:1' });
const catalog: Catalog = parseCatalog({
  validators: [
    entry('perf', 'performance'),
    entry('b', 'deployment'),
    entry('a', 'deployment'),
    entry('c', 'conformance'),
  ],
});
const running = (request: Parameters<typeof selectValidators>[1]) =>
  selectValidators(catalog, request).map(({ phase, run }) => `${phase}: ${run.map(({ name }) => name).join(' ')}`);

it('runs all of the catalog where nothing is declared, phases in the contract’s order and checks in the catalog’s', () => {
  expect(running({})).toEqual(['deployment: b a', 'conformance: c', 'performance: perf']);
});

it('runs declared checks only, in the catalog’s order, and no phase that declares none', () => {
  expect(running({ checks: { deployment: ['a', 'b'], performance: [] } })).toEqual(['deployment: b a']);
  expect(running({ checks: { deployment: ['a'] } })).toEqual(['deployment: a']);
});

it('keeps what the catalog has for a phase, for the report of a phase that is skipped as a whole', () => {
  const [deployment] = selectValidators(catalog, { checks: { deployment: ['a'] }, skipChecks: [] });
  expect(deployment?.catalog.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(deployment?.all.map(({ name }) => name)).toEqual(['a']);
  expect(deployment?.skipped).toEqual([]);
  const [some] = selectValidators(catalog, { skipChecks: ['b'] });
  expect(some?.skipped.map(({ name }) => name)).toEqual(['b']);
  expect(some?.run.map(({ name }) => name)).toEqual(['a']);
});

it('tells unmatched, misplaced and repeated checks and unknown skips at once, by their paths', () => {
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

it('refuses a phase that the skip list leaves with none', () => {
  expect(checkSelection(catalog, { checks: { deployment: ['a'] }, skipChecks: ['a'] }).faults).toEqual([
    { path: 'request.skipChecks', message: expect.stringContaining('every validator of phase deployment') },
  ]);
});

it('refuses a request by which nothing would run', () => {
  const message = 'nothing would run: the catalog has no validator in the phases and checks asked for';
  expect(checkSelection(catalog, { checks: {} }).faults).toEqual([{ path: 'request.checks', message }]);
  expect(checkSelection({ validators: [] }, {}).faults).toEqual([{ path: 'request', message }]);
  // Another fault says more.
  expect(checkSelection(catalog, { checks: { deployment: ['nobody'] } }).faults).toMatchObject([
    { path: 'request.checks.deployment[0]' },
  ]);
});

it('runs no phase that is not asked for', () => {
  expect(running({ phases: ['conformance'] })).toEqual(['conformance: c']);
});

it('has the cluster for itself outside the deployment phase, unless an entry says otherwise', () => {
  const classes = (phase: 'deployment' | 'conformance', exclusive?: string[]) =>
    exclusiveClasses({ ...entry('x', phase), phase, description: '', timeout: '', ...(exclusive && { exclusive }) });
  expect(classes('deployment')).toEqual([]);
  expect(classes('conformance')).toEqual(['cluster']);
  expect(classes('conformance', [])).toEqual([]);
  expect(classes('deployment', ['gpu'])).toEqual(['gpu']);
});

it('only warns of a skipped check that is not in play, and of checks of a phase that is left out', () => {
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
