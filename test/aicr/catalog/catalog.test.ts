import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Catalog, mergeCatalogs, parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { unknownFields } from '../../../src/aicr/catalog/unknown-fields.ts';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import { checkCatalog } from '../../../src/run/plan/check-catalog.ts';
import { parseCatalogYaml } from './parse-catalog-yaml.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:v1' };
const faultsOf = (changes: object) => checkCatalog({ validators: [{ ...entry, ...changes }] }, 'catalog');
const at = (field: string) => `catalog.validators[0].${field}`;

function thrown(run: () => unknown): ContractError {
  try {
    run();
  } catch (error) {
    return error as ContractError;
  }
  throw new Error('nothing was thrown');
}

describe('unknown fields', () => {
  it('are warned of wherever they are, and are no fault', () => {
    const document = {
      metadata: { name: 'n', version: 'v', labels: {} },
      validators: [
        { ...entry, dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { any: 'label' }, weight: 1 }] },
        { ...entry, name: 'b', env: [{ name: 'A', valueFrom: {} }], resources: { cpu: '1', memory: '1', gpu: '1' } },
      ],
      constructor: 'x',
    };
    expect(unknownFields(document, 'catalog')).toEqual([
      'catalog.metadata.labels: unknown field, ignored (known: name, version)',
      'catalog.validators[0].dependencyAffinity[0].weight: unknown field, ignored (known: componentRef, podLabelSelector, requirement, topologyKey)',
      'catalog.validators[1].env[0].valueFrom: unknown field, ignored (known: name, value)',
      'catalog.validators[1].resources.gpu: unknown field, ignored (known: cpu, memory)',
      'catalog.constructor: unknown field, ignored (known: apiVersion, kind, metadata, validators)',
    ]);
    const { metadata: _, ...rest } = document;
    expect(checkCatalog(rest, 'catalog')).toEqual([]);
  });

  it('are not where nothing is unknown', () => {
    const full = {
      ...entry,
      description: 'd',
      timeout: '1m',
      args: ['a'],
      env: [{ name: 'A', value: '1' }],
      resources: { cpu: '1', memory: '1Gi' },
      dependencyAffinity: [
        { componentRef: 'c', podLabelSelector: { x: 'y' }, requirement: 'required', topologyKey: 'zone' },
      ],
      exclusive: ['gpu'],
      rerunnable: true,
    };
    const header = { apiVersion: 'validator.nvidia.com/v1alpha1', kind: 'ValidatorCatalog' };
    const document = { ...header, metadata: { name: 'n', version: 'v' }, validators: [full, null] };
    expect(unknownFields(document, 'catalog')).toEqual([]);
    expect(unknownFields({ env: null, validators: 'x' }, 'catalog')).toHaveLength(1);
  });
});

describe('checkCatalog', () => {
  it('finds nothing wrong with a full entry', () => {
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
    [{ timeout: '-1m' }, 'timeout', '"-1m" is less than nothing'],
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
      '1 is not',
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
  ])('%j: %s: %s', (changes, field, message) => {
    expect(faultsOf(changes)).toEqual([{ path: at(field), message: expect.stringContaining(message) }]);
  });

  it('lists every fault, not just the first', () => {
    expect(faultsOf({ name: 'A', phase: 'x', image: '', timeout: '5' }).map(({ path }) => path)).toEqual(
      ['name', 'phase', 'image', 'timeout'].map(at),
    );
  });

  it('names the entry that had the name first', () => {
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
  ])('%j: at %s', (document, path) => expect(checkCatalog(document, 'catalog')).toMatchObject([{ path }]));

  it('stops listing after fifty and says how many more there are', () => {
    const faults = checkCatalog({ validators: Array.from({ length: 60 }, () => ({})) }, 'catalog');
    expect(faults).toHaveLength(51);
    expect(faults.at(-1)?.message).toBe('and 130 more');
    expect(faults.at(-1)?.path).toBe(faults.at(-2)?.path);
  });

  it('never throws, and has nothing against what AICR would refuse to read', () => {
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

describe('parseCatalog', () => {
  it('gives every entry its canonical timeout and leaves out what is empty', () => {
    const parsed = parseCatalog({
      validators: [{ ...entry, timeout: '90s', args: [], env: null, exclusive: ['gpu'], rerunnable: true, more: 1 }],
    });
    expect(parsed.validators).toEqual([
      { ...entry, description: '', timeout: '1m30s', exclusive: ['gpu'], rerunnable: true },
    ]);
  });

  it('refuses with AICR’s words what AICR refuses', () => {
    expect(thrown(() => parseCatalog({ validators: [entry, entry] })).full).toBe(
      '[INVALID_REQUEST] validator[1]: duplicate name "a"',
    );
    expect(thrown(() => parseCatalog({ validators: [{ ...entry, phase: '' }] })).full).toBe(
      '[INVALID_REQUEST] validator "a": invalid phase "", must be one of: deployment, performance, conformance',
    );
    expect(thrown(() => parseCatalog({ metadata: {}, kind: 'x' })).full).toBe(
      '[INVALID_REQUEST] unsupported apiVersion "", expected "validator.nvidia.com/v1alpha1"',
    );
    expect(thrown(() => parseCatalog({ validators: [{ ...entry, timeout: 5 }] })).full).toBe(
      '[INTERNAL] failed to parse catalog YAML: validators[0].timeout: 5 is not a duration',
    );
    expect(thrown(() => parseCatalog({ validators: 'x' })).code).toBe('INTERNAL');
  });
});

describe('parseCatalogYaml', () => {
  const inEntry = (lines: string) => `validators:\n  - name: a\n    phase: deployment\n    image: i\n${lines}`;

  it('takes scalars as they are written', () => {
    const [read] = parseCatalogYaml(
      'validators:\n  - {name: 123, phase: deployment, image: 1.0, description: yes, args: [007, ~, true, "x"]}',
    ).validators;
    expect(read).toEqual({
      name: '123',
      phase: 'deployment',
      image: '1.0',
      description: 'yes',
      timeout: '0s',
      args: ['007', 'true', 'x'],
    });
  });

  it('merges keys and follows anchors', () => {
    const read = parseCatalogYaml(
      'base: &b {phase: deployment, image: i, timeout: 5m}\nvalidators:\n  - {<<: *b, name: a, timeout: 1h}\n  - <<: [*b, {name: z}]\n',
    );
    expect(read.validators.map(({ name, timeout }) => [name, timeout])).toEqual([
      ['a', '1h0m0s'],
      ['z', '5m0s'],
    ]);
  });

  it('keeps Proctor’s own fields', () => {
    expect(parseCatalogYaml(inEntry('    exclusive: [gpu]\n    rerunnable: true\n')).validators[0]).toMatchObject({
      exclusive: ['gpu'],
      rerunnable: true,
    });
  });

  it.each([
    ['    timeout: 5x\n', 'line 5: cannot unmarshal !!str `5x` into time.Duration'],
    ['    timeout: 5\n', 'line 5: cannot unmarshal !!int `5` into time.Duration'],
    ['    timeout: 1.5\n', 'line 5: cannot unmarshal !!float `1.5` into time.Duration'],
    ['    timeout: "a very long text"\n', 'line 5: cannot unmarshal !!str `a very ...` into time.Duration'],
    ['    args: x\n', 'line 5: cannot unmarshal !!str `x` into []string'],
    [
      '    args:\n      - [a]\n    env: {a: b}\n',
      'line 6: cannot unmarshal !!seq into string\n  line 7: cannot unmarshal !!map into []v1.EnvVar',
    ],
    ['    image: j\n', 'line 5: mapping key "image" already defined at line 4'],
    ['    resources: 2001-01-01\n', 'line 5: cannot unmarshal !!timestamp `2001-01-01` into v1.ResourceRequirements'],
  ])('%j: %s', (lines, message) => {
    expect(thrown(() => parseCatalogYaml(inEntry(lines))).full).toBe(
      `[INTERNAL] failed to parse catalog YAML: yaml: unmarshal errors:\n  ${message}`,
    );
  });

  it.each([
    ['a: *x', "unknown anchor 'x' referenced"],
    ['metadata: &x {name: n, <<: *x}', "anchor 'x' value contains itself"],
    ['<<: x', 'map merge requires map or sequence of maps as the value'],
    ['kind: !!int x', 'cannot decode !!str `x` as a !!int'],
  ])('%j: %s', (text, message) =>
    expect(thrown(() => parseCatalogYaml(text)).full).toBe(`[INTERNAL] failed to parse catalog YAML: yaml: ${message}`),
  );

  // What yaml.v3 v3.0.1 says of these, line for line.
  it.each([
    ['validators: [', 'line 1: did not find expected node content'],
    ['not: [valid', "line 1: did not find expected ',' or ']'"],
    ['a:\n  b: {c: d\n', "line 1: did not find expected ',' or '}'"],
    ['{{{', 'line 1: did not find expected node content'],
    ['a: [b}', "did not find expected ',' or ']'"],
    ['x: y\nvalidators: [}\n', 'line 1: did not find expected node content'],
    ['a: [b\nc: d\n', "line 1: did not find expected ',' or ']'"],
    ['}', 'did not find expected node content'],
    ['\tfoo: bar', 'found character that cannot start any token'],
    ['validators:\n\t- name: a', 'line 2: found character that cannot start any token'],
    ['a:\n  b: c\n\td: e\n', 'line 2: found a tab character that violates indentation'],
    ['a: b\nc: @d', 'line 2: found character that cannot start any token'],
    ['%', 'could not find expected directive name'],
    ['foo: bar: baz', 'mapping values are not allowed in this context'],
    ['validators:\n  - name: a\n     phase: x\n', 'line 3: mapping values are not allowed in this context'],
    ['a\nb\nc: d', 'line 3: mapping values are not allowed in this context'],
    ['validators:\n  - name: a\n   phase: x', "line 1: did not find expected '-' indicator"],
    ['validators:\n  - name: a\n  image: b\n', "line 1: did not find expected '-' indicator"],
    ['a: b\n- c', 'line 1: did not find expected key'],
    ['a: b\nc', "line 2: could not find expected ':'"],
    ['a: - b', 'block sequence entries are not allowed in this context'],
    ['a: "unterminated', 'found unexpected end of stream'],
    ['validators:\n  - name: "a\n    phase: deployment\n', 'line 2: found unexpected end of stream'],
    ['a:\n  b: "\\q"', 'line 2: found unknown escape character'],
    ['a: >x\n b', 'did not find expected comment or line break'],
    ['a: *', 'did not find expected alphabetic or numeric character'],
    ['a: \u0007', 'control characters are not allowed'],
  ])('%j: %s', (text, message) =>
    expect(thrown(() => parseCatalogYaml(text)).full).toBe(`[INTERNAL] failed to parse catalog YAML: yaml: ${message}`),
  );

  it('refuses in the package’s words what only the package refuses', () => {
    expect(thrown(() => parseCatalogYaml('{a: b} c')).full).toMatch(
      /^\[INTERNAL\] failed to parse catalog YAML: yaml: Unexpected scalar .*$/,
    );
  });

  it('does not unfold a document that is made to grow', () => {
    const levels = Array.from(
      { length: 8 },
      (_, i) =>
        `l${i}: &l${i} {x: {${Array.from({ length: 9 }, (_, k) => `k${k}: ${i === 0 ? 'v' : `*l${i - 1}`}`).join(', ')}}}`,
    );
    const text = `${levels.join('\n')}\nvalidators:\n  - {name: a, phase: deployment, image: i, exclusive: *l7}\n`;
    expect(thrown(() => parseCatalogYaml(text)).full).toContain('document contains excessive aliasing');
  });

  it('reads an empty text as an empty catalog, and only the first document', () => {
    for (const text of ['', '# nothing\n', '---\n', '~', '---\nvalidators: []\n---\nx: [1, 2]\n'])
      expect(parseCatalogYaml(text).validators).toEqual([]);
  });
});

describe('mergeCatalogs', () => {
  const of = (...names: string[]): Catalog => ({
    validators: names.map((name) => ({ ...entry, description: '', timeout: '0s', name })),
  });

  it('replaces by name in place and appends what is new', () => {
    const overlay = of('b', 'd');
    const merged = mergeCatalogs({ ...of('a', 'b', 'c'), kind: 'ValidatorCatalog' }, overlay);
    expect(merged.validators.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(merged.validators[1]).toBe(overlay.validators[0]);
    expect(merged.kind).toBe('ValidatorCatalog');
  });
});

describe('a document that is not of the catalog’s shape is named by the place', () => {
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
  ])('%j', (document, problem) => expect(reading(document)).toBe(head + problem));

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
    [near({ podLabelSelector: { a: {} } }), 'dependencyAffinity[0]: is not a string'],
    [near({ requirement: {} }), 'dependencyAffinity[0].requirement: is not a string'],
    [near({ topologyKey: {} }), 'dependencyAffinity[0].topologyKey: is not a string'],
    [{ exclusive: [{}] }, 'exclusive[0]: is not a string'],
  ])('%#: a validator’s %s', (changes, problem) => expect(of(changes)).toBe(`${head}validators[0].${problem}`));

  it('and what is null is as if it were not there', () => {
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

it.each<[unknown, string | RegExp]>([
  ['x', 'catalog: must be a mapping with a list of validators'],
  [{}, 'catalog.validators: must be a list of validators'],
  [{ validators: [1] }, 'catalog.validators[0]: must be a mapping'],
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
    'catalog.metadata: must be a mapping',
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
])('%#: %s', (document, told) => {
  const [fault] = checkCatalog(document, 'catalog');
  const text = `${fault?.path}: ${fault?.message}`;
  if (typeof told === 'string') expect(text).toBe(told);
  else expect(text).toMatch(told);
});

it('takes a name of 49 characters, and a preferred dependency', () => {
  const dependencyAffinity = [{ componentRef: 'c', podLabelSelector: { a: 'b' }, requirement: 'preferred' }];
  const fine = { validators: [{ ...entry, name: 'a'.repeat(49), dependencyAffinity }] };
  expect(checkCatalog(fine, 'catalog')).toEqual([]);
  expect(checkCatalog({ validators: [{ ...entry, name: 'a'.repeat(50) }] }, 'catalog')).toHaveLength(1);
});
