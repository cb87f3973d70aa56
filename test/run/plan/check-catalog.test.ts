import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { checkCatalog } from '../../../src/run/plan/check-catalog.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:v1' };

const faultsOf = (changes: object) => checkCatalog({ validators: [{ ...entry, ...changes }] }, 'catalog');

const at = (field: string) => `catalog.validators[0].${field}`;

describe('checkCatalog', () => {
  it('accepts a full entry', () => {
    const full = {
      description: 'd',
      timeout: '5m',
      args: ['a', 1],
      env: [{ name: 'A', value: 'x' }, { name: 'B' }],
      resources: { cpu: 2, memory: '1Gi' },
      dependencyAffinity: [
        { componentRef: 'c', podLabelSelector: { x: 'y' }, requirement: 'required', topologyKey: 'zone' },
      ],
      exclusive: ['gpu'],
      rerunnable: false,
    };
    const header = {
      apiVersion: 'validator.nvidia.com/v1alpha1',
      kind: 'ValidatorCatalog',
      metadata: { name: 'n', version: '1' },
    };
    expect(checkCatalog({ ...header, validators: [{ ...entry, ...full }] }, 'catalog')).toEqual([]);
    expect(faultsOf({ exclusive: [], timeout: '0s' })).toEqual([]);
  });

  it.each([
    [{ timeout: '5x' }, 'timeout', '"5x" is not a duration such as 90s or 5m'],
    [{ timeout: 5 }, 'timeout', '5 is not a duration such as 90s or 5m'],
    [{ timeout: '-1m' }, 'timeout', '"-1m" is negative'],
    [{ phase: 'smoke' }, 'phase', '"smoke" is not one of deployment, conformance, performance'],
    [{ name: '' }, 'name', 'a name is required'],
    [{ name: 'GPU' }, 'name', '"GPU" is not a name for a Job'],
    [{ name: 'a\n' }, 'name', '"a\\n" is not a name for a Job'],
    [{ name: 'a'.repeat(50) }, 'name', 'at most 49 characters'],
    [{ image: undefined }, 'image', 'an image is required'],
    [{ image: 'a b' }, 'image', '"a b" is not an image reference'],
    [{ resources: { cpu: '1' } }, 'resources.memory', 'cpu and memory are both required'],
    [{ resources: { cpu: '1GB', memory: '1Gi' } }, 'resources.cpu', '"1GB" is not a quantity such as 500m or 2Gi'],
    [{ resources: { cpu: '1', memory: '-1Gi' } }, 'resources.memory', '"-1Gi" is not a quantity'],
    [{ resources: 'big' }, 'resources', 'must be a mapping with cpu and memory'],
    [{ dependencyAffinity: [{ podLabelSelector: { x: 'y' } }] }, 'dependencyAffinity[0].componentRef', 'required'],
    [
      { dependencyAffinity: [{ componentRef: 'c', podLabelSelector: {} }] },
      'dependencyAffinity[0].podLabelSelector',
      'required',
    ],
    [
      { dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { x: 1 } }] },
      'dependencyAffinity[0].podLabelSelector.x',
      '1 is a number: put it in quotes',
    ],
    [
      { dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { x: 'y' }, requirement: 'soft' }] },
      'dependencyAffinity[0].requirement',
      '"soft" is not required or preferred',
    ],
    [{ dependencyAffinity: ['c'] }, 'dependencyAffinity[0]', 'must be a mapping'],
    [{ exclusive: 'gpu' }, 'exclusive', '"gpu" is not a list'],
    [{ exclusive: ['GPU'] }, 'exclusive[0]', '"GPU" is not the name of a resource class'],
    [{ rerunnable: 'yes' }, 'rerunnable', '"yes" is not true or false'],
    [{ args: 'x' }, 'args', '"x" is not a list'],
    [{ args: [{ a: 1 }] }, 'args[0]', '{"a":1} is not text'],
    [{ env: [{ value: 'x' }] }, 'env[0].name', 'nothing is not the name of a variable'],
  ])('refuses %j: %s: %s', (changes, field, message) => {
    expect(faultsOf(changes)).toEqual([{ path: at(field), message: expect.stringContaining(message) }]);
  });

  it.each([
    [{ name: 123 }, 'name', '123 is a number: put it in quotes'],
    [{ image: true }, 'image', 'true is a boolean: put it in quotes'],
    [{ name: [] }, 'name', '[] is not text'],
    [{ exclusive: [null] }, 'exclusive[0]', 'null is not the name of a resource class'],
    [{ args: [12345678901234567890n].map(Number) }, 'args[0]', '12345678901234567000 is a number: put it in quotes'],
    [{ env: [{ name: 'A', value: 1e21 }] }, 'env[0].value', '1e+21 is a number: put it in quotes'],
    [{ resources: { cpu: true, memory: '1' } }, 'resources.cpu', 'true is not a quantity'],
  ])('refuses a value that is not text, or that JSON has changed: %j', (changes, field, message) => {
    expect(faultsOf(changes)).toEqual([{ path: at(field), message: expect.stringContaining(message) }]);
  });

  it('accepts a number or a boolean as the text of an argument, a value or a quantity', () => {
    expect(faultsOf({ args: [1, true, 2 ** 53 - 1], env: [{ name: 'A', value: 1.5 }], description: 1 })).toEqual([]);
    expect(faultsOf({ resources: { cpu: 1.5, memory: 1e9 } })).toEqual([]);
  });

  it('lists every fault', () => {
    expect(faultsOf({ name: 'A', phase: 'x', image: '', timeout: '5' }).map(({ path }) => path)).toEqual(
      ['name', 'phase', 'image', 'timeout'].map(at),
    );
  });

  it('refuses a duplicate name, and says which entry has it', () => {
    const faults = checkCatalog({ validators: [entry, { ...entry, name: 'b' }, entry] }, 'request.catalog');
    expect(faults).toEqual([
      { path: 'request.catalog.validators[2].name', message: '"a" is already the name of validators[0]' },
    ]);
  });

  it.each([
    [null, 'catalog'],
    ['text', 'catalog'],
    [{}, 'catalog.validators'],
    [{ validators: {} }, 'catalog.validators'],
    [{ validators: [1] }, 'catalog.validators[0]'],
    [
      { validators: [], metadata: [], apiVersion: 'validator.nvidia.com/v1alpha1', kind: 'ValidatorCatalog' },
      'catalog.metadata',
    ],
    [{ validators: [], metadata: {}, apiVersion: 'v1', kind: 'ValidatorCatalog' }, 'catalog.apiVersion'],
    [{ validators: [], metadata: {}, apiVersion: 'validator.nvidia.com/v1alpha1' }, 'catalog.kind'],
  ])('refuses %j at %s', (document, path) => expect(checkCatalog(document, 'catalog')).toMatchObject([{ path }]));

  it('lists fifty faults and counts the others', () => {
    const faults = checkCatalog({ validators: Array.from({ length: 60 }, () => ({})) }, 'catalog');
    expect(faults).toHaveLength(51);
    expect(faults.at(-1)?.message).toBe('and 130 more');
    expect(faults.at(-1)?.path).toBe(faults.at(-2)?.path);
  });

  it('never throws, and accepts nothing that AICR refuses to read', () => {
    const value = fc.oneof(
      fc.anything(),
      fc.record({
        validators: fc.array(
          fc.record(
            Object.fromEntries(
              ['name', 'phase', 'image', 'timeout', 'args', 'env', 'resources', 'dependencyAffinity', 'exclusive'].map(
                (key) => [key, fc.anything()],
              ),
            ),
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(value, (document) => {
        const plain = JSON.parse(JSON.stringify(document) ?? 'null') as unknown;
        if (checkCatalog(plain, 'catalog').length === 0) expect(() => parseCatalog(plain)).not.toThrow();
      }),
    );
  });
});

it.each<[unknown, string | RegExp]>([
  ['x', 'catalog: must be a mapping with a list of validators'],
  [{}, 'catalog.validators: must be a list of validators'],
  [
    { validators: [1] },
    /^catalog\.validators\[0\]: must be a mapping with name, phase, description, .* and rerunnable$/,
  ],
  [
    { validators: [], metadata: {}, apiVersion: 'v1', kind: 'ValidatorCatalog' },
    'catalog.apiVersion: "v1" is not "validator.nvidia.com/v1alpha1"',
  ],
  [
    { validators: [], metadata: {}, apiVersion: 'validator.nvidia.com/v1alpha1', kind: 1 },
    'catalog.kind: 1 is not "ValidatorCatalog"',
  ],
  [
    { validators: [], metadata: 1, apiVersion: 'validator.nvidia.com/v1alpha1', kind: 'ValidatorCatalog' },
    'catalog.metadata: must be a mapping with name and version',
  ],
  [
    {
      validators: [],
      metadata: { version: {} },
      apiVersion: 'validator.nvidia.com/v1alpha1',
      kind: 'ValidatorCatalog',
    },
    'catalog.metadata.version: {} is not text',
  ],
  [{ validators: [{ ...entry, description: {} }] }, 'catalog.validators[0].description: {} is not text'],
  [{ validators: [{ ...entry, phase: 1 }] }, /^catalog\.validators\[0\]\.phase: 1 is not one of /],
  [{ validators: [{ ...entry, image: '' }] }, 'catalog.validators[0].image: an image is required'],
  [{ validators: [{ ...entry, env: [null] }] }, 'catalog.validators[0].env[0]: must be a mapping with name and value'],
  [{ validators: [{ ...entry, env: [1] }] }, 'catalog.validators[0].env[0]: must be a mapping with name and value'],
  [
    { validators: [{ ...entry, env: [{ name: 'A=B' }] }] },
    'catalog.validators[0].env[0].name: "A=B" is not the name of a variable',
  ],
  [{ validators: [{ ...entry, env: [{ name: '=B' }] }] }, /env\[0\]\.name: "=B" is not the name of a variable$/],
  [
    { validators: [{ ...entry, env: [{ name: 'A', value: {} }] }] },
    'catalog.validators[0].env[0].value: {} is not text',
  ],
  [
    { validators: [{ ...entry, resources: { cpu: '', memory: '1Gi' } }] },
    /resources\.cpu: cpu and memory are both required$/,
  ],
  [{ validators: [{ ...entry, resources: { cpu: true, memory: '1Gi' } }] }, /resources\.cpu: true is not a quantity/],
  [
    { validators: [{ ...entry, dependencyAffinity: [{ componentRef: '', podLabelSelector: { a: 'b' } }] }] },
    /dependencyAffinity\[0\]\.componentRef: the name of a component is required$/,
  ],
  [
    {
      validators: [
        { ...entry, dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: 'b' }, topologyKey: [] }] },
      ],
    },
    'catalog.validators[0].dependencyAffinity[0].topologyKey: [] is not text',
  ],
  [{ validators: [{ ...entry, name: 'A'.repeat(100) }] }, /name: "A{59}… /],
  [{ validators: [{ ...entry, phase: 'x'.repeat(58) }] }, /phase: "x{58}" is not/],
])('describes the fault: %#: %s', (document, told) => {
  const [fault] = checkCatalog(document, 'catalog');
  const text = `${fault?.path}: ${fault?.message}`;
  if (typeof told === 'string') expect(text).toBe(told);
  else expect(text).toMatch(told);
});

it('accepts a name of 49 characters, and a preferred dependency', () => {
  const dependencyAffinity = [{ componentRef: 'c', podLabelSelector: { a: 'b' }, requirement: 'preferred' }];
  const fine = { validators: [{ ...entry, name: 'a'.repeat(49), dependencyAffinity }] };
  expect(checkCatalog(fine, 'catalog')).toEqual([]);
  expect(checkCatalog({ validators: [{ ...entry, name: 'a'.repeat(50) }] }, 'catalog')).toHaveLength(1);
});
