import { expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { settingsFor } from '../../../src/run/plan/job-settings.ts';
import type { ValidateClusterRequest } from '../../../src/run/plan/validate-cluster-request.ts';

const entry = (name: string, phase = 'deployment', more: object = {}) => ({ name, phase, image: 'img:1', ...more });

it('gives each validator only the components that it depends on, and only the overrides that disable them', () => {
  const needs = { componentRef: 'mine', podLabelSelector: { a: 'b' } };
  const [a, b] = parseCatalog({
    validators: [entry('a', 'deployment', { dependencyAffinity: [needs] }), entry('b')],
  }).validators;
  if (a === undefined || b === undefined) throw new Error('no entries');
  const overrides = { install: false, values: { much: 'text' } };
  const request: ValidateClusterRequest = {
    cluster: 'lab',
    catalog: { inline: {} },
    cliVersion: 'v1',
    componentRefs: [{ name: 'mine', namespace: 'n', overrides }, { name: 'other' }],
  };
  expect(settingsFor(a, request)).toEqual({
    cliVersion: 'v1',
    componentRefs: [{ name: 'mine', namespace: 'n', overrides: { install: false } }],
  });
  expect(settingsFor(b, request)).toEqual({ cliVersion: 'v1' });
  const disabled = { ...request, componentRefs: [{ name: 'mine', overrides: { enabled: false, install: true } }] };
  expect(settingsFor(a, disabled).componentRefs).toStrictEqual([
    { name: 'mine', overrides: { enabled: false, install: true } },
  ]);
});
