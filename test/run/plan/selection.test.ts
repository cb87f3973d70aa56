import { expect, it } from 'vitest';
import { selectValidators } from '../../../src/run/plan/selection.ts';
import { catalog } from './four-validators.ts';

const running = (request: Parameters<typeof selectValidators>[1]) =>
  selectValidators(catalog, request).map(({ phase, run }) => `${phase}: ${run.map(({ name }) => name).join(' ')}`);

it('runs the whole catalog if the request declares no checks: phases in the contract’s order, validators in the catalog’s', () => {
  expect(running({})).toEqual(['deployment: b a', 'conformance: c', 'performance: perf']);
});

it('runs only declared checks, in the catalog’s order, and no phase that declares none', () => {
  expect(running({ checks: { deployment: ['a', 'b'], performance: [] } })).toEqual(['deployment: b a']);
  expect(running({ checks: { deployment: ['a'] } })).toEqual(['deployment: a']);
});

it('keeps all of the catalog’s validators for a phase, which the report of a skipped phase lists', () => {
  const [deployment] = selectValidators(catalog, { checks: { deployment: ['a'] }, skipChecks: [] });
  expect(deployment?.catalog.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(deployment?.all.map(({ name }) => name)).toEqual(['a']);
  expect(deployment?.skipped).toEqual([]);
  const [some] = selectValidators(catalog, { skipChecks: ['b'] });
  expect(some?.skipped.map(({ name }) => name)).toEqual(['b']);
  expect(some?.run.map(({ name }) => name)).toEqual(['a']);
});

it('runs no phase that request.phases leaves out', () => {
  expect(running({ phases: ['conformance'] })).toEqual(['conformance: c']);
});
