import { describe, expect, it } from 'vitest';
import { buildAffinity } from '../../../src/aicr/job/affinity.ts';
import { type Warning, warningText } from '../../../src/aicr/warning.ts';

describe('a required component', () => {
  it('repeats the warning about a gate that is not a boolean, as AICR does', () => {
    const warnings: Warning[] = [];
    const dependency = { componentRef: 'c', podLabelSelector: { a: 'b' }, requirement: 'required' };
    const component = { name: 'c', overrides: { enabled: 'no' } };
    expect(() => buildAffinity([dependency], [component], warnings)).toThrow('has no resolved namespace');
    expect(warnings.map(({ message }) => message)).toEqual(
      Array(2).fill('component deployment gate is not a bool, treating component as enabled'),
    );
  });
});

describe('affinity', () => {
  const dependency = { componentRef: 'c', podLabelSelector: { x: 'y' } };
  const build = (components: Parameters<typeof buildAffinity>[1], requirement?: string, log: Warning[] = []) =>
    buildAffinity(
      [{ ...dependency, ...(requirement === undefined ? {} : { requirement }), topologyKey: 'zone' }],
      components,
      log,
    );

  it('has a required or a preferred term for each component of the recipe', () => {
    const term = { labelSelector: { matchLabels: { x: 'y' } }, namespaces: ['n'], topologyKey: 'zone' };
    expect(build([{ name: 'c', namespace: 'n' }], 'required').podAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [term],
    });
    expect(build([{ name: 'c', namespace: 'n' }]).podAffinity).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
    });
  });

  it('only warns about a preferred component that is not in the recipe', () => {
    for (const components of [[], [{ name: 'c' }], [{ name: 'c', namespace: 'n', overrides: { enabled: false } }]]) {
      const log: Warning[] = [];
      expect(build(components, 'preferred', log).podAffinity).toBeUndefined();
      expect(log.map(warningText)).toEqual([
        'preferred dependencyAffinity component not present in recipe; skipping affinity term componentRef="c"',
      ]);
    }
  });

  it('treats a gate that is not a boolean as open, with a warning', () => {
    const log: Warning[] = [];
    expect(
      build([{ name: 'c', namespace: 'n', overrides: { enabled: 'no', install: true } }], 'required', log).podAffinity,
    ).toBeDefined();
    expect(log.map(warningText)).toEqual([
      'component deployment gate is not a bool, treating component as enabled component="c" key="enabled" value="no"',
    ]);
  });
});
