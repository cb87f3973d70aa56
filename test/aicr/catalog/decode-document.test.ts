import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { ContractError } from '../../../src/aicr/contract-error.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:v1' };

describe('parseCatalog', () => {
  const reading = (document: unknown) => {
    try {
      return parseCatalog(document);
    } catch (error) {
      return error instanceof ContractError ? error.full : error;
    }
  };
  const of = (changes: object) => reading({ validators: [{ ...entry, ...changes }] });
  const head = '[INTERNAL] failed to parse catalog YAML: ';
  const near = (changes: object) => ({
    dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: 'b' }, ...changes }],
  });

  it.each<[unknown, string]>([
    ['x', 'catalog: is not a mapping'],
    [[], 'catalog: is not a mapping'],
    [{ apiVersion: {} }, 'apiVersion: is not a string'],
    [{ kind: [] }, 'kind: is not a string'],
    [{ metadata: 'x' }, 'metadata: is not a mapping'],
    [{ metadata: { name: {} } }, 'metadata.name: is not a string'],
    [{ metadata: { version: {} } }, 'metadata.version: is not a string'],
    [{ validators: 'x' }, 'validators: is not a list'],
    [{ validators: [1] }, 'validators[0]: is not a mapping'],
  ])('refuses %j and names the path of the fault', (document, problem) =>
    expect(reading(document)).toBe(head + problem),
  );

  it.each<[object, string]>([
    [{ name: [] }, 'name: is not a string'],
    [{ phase: {} }, 'phase: is not a string'],
    [{ description: {} }, 'description: is not a string'],
    [{ image: () => 'x' }, 'image: is not a string'],
    [{ timeout: 5 }, 'timeout: 5 is not a duration'],
    [{ timeout: '5x' }, 'timeout: "5x" is not a duration'],
    [{ args: 'a' }, 'args: is not a list'],
    [{ args: ['a', {}] }, 'args[1]: is not a string'],
    [{ env: {} }, 'env: is not a list'],
    [{ env: [[]] }, 'env[0]: is not a mapping'],
    [{ env: [{ name: {} }] }, 'env[0].name: is not a string'],
    [{ env: [{ name: 'A', value: {} }] }, 'env[0].value: is not a string'],
    [{ resources: 'x' }, 'resources: is not a mapping'],
    [{ resources: { cpu: {} } }, 'resources.cpu: is not a string'],
    [{ resources: { memory: {} } }, 'resources.memory: is not a string'],
    [{ dependencyAffinity: {} }, 'dependencyAffinity: is not a list'],
    [{ dependencyAffinity: ['x'] }, 'dependencyAffinity[0]: is not a mapping'],
    [near({ componentRef: {} }), 'dependencyAffinity[0].componentRef: is not a string'],
    [near({ podLabelSelector: 'x' }), 'dependencyAffinity[0].podLabelSelector: is not a mapping'],
    [near({ podLabelSelector: { a: {} } }), 'dependencyAffinity[0].podLabelSelector.a: is not a string'],
    [near({ requirement: {} }), 'dependencyAffinity[0].requirement: is not a string'],
    [near({ topologyKey: {} }), 'dependencyAffinity[0].topologyKey: is not a string'],
    [{ exclusive: [{}] }, 'exclusive[0]: is not a string'],
  ])('refuses a validator and names the path of the fault: %#: %s', (changes, problem) =>
    expect(of(changes)).toBe(`${head}validators[0].${problem}`),
  );

  it('reads null as an absent field', () => {
    const nothing = {
      args: null,
      env: [null],
      resources: null,
      dependencyAffinity: null,
      timeout: null,
      exclusive: null,
    };
    const document = {
      apiVersion: null,
      metadata: null,
      validators: [null, { ...entry, ...nothing, rerunnable: 'x' }],
    };
    expect(parseCatalog(document)).toStrictEqual({
      validators: [{ ...entry, description: '', timeout: '0s' }],
    });
    expect(parseCatalog(null)).toStrictEqual({ validators: [] });
    const given = near({ requirement: 'required', topologyKey: 'zone' });
    const full = { ...entry, ...given, resources: { cpu: 1, memory: '1Gi' }, rerunnable: true };
    expect(parseCatalog({ validators: [full] }).validators).toStrictEqual([
      { ...entry, description: '', timeout: '0s', ...given, resources: { cpu: '1', memory: '1Gi' }, rerunnable: true },
    ]);
  });
});
