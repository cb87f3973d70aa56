import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import { parseCatalogYaml } from './parse-catalog-yaml.ts';

/** A catalog of one validator, with these lines in its entry. */
function entry(...lines: string[]): string {
  const all = ['name: a', 'phase: deployment', 'image: i', ...lines];
  return `validators:\n- ${all.join('\n  ')}`;
}

/** The decoded catalog of one validator with these fields. */
function read(fields: object): object {
  return { validators: [{ name: 'a', phase: 'deployment', image: 'i', ...fields }] };
}

/** The document that yaml.v3 decoded, the error at which it stopped, or its errors about all values that do not fit. */
type Answer = object | string | string[];

/**
 * The answers were printed by a Go program that decodes each text with gopkg.in/yaml.v3 v3.0.1, which AICR uses.
 */
const ANSWERS: [about: string, rows: [text: string, answer: Answer][]][] = [
  [
    'a scalar keeps its text as written',
    [
      ['kind: 0x1F', { kind: '0x1F' }],
      ['kind: 1_000', { kind: '1_000' }],
      ['kind: 2026-01-01', { kind: '2026-01-01' }],
      ['kind: yes', { kind: 'yes' }],
      ['kind: "a\\tb"', { kind: 'a\tb' }],
      ["kind: 'it''s'", { kind: "it's" }],
      ['kind: a\n  b\n', { kind: 'a b' }],
      ['kind: a #c', { kind: 'a' }],
      ['kind: a#c', { kind: 'a#c' }],
      ['kind: !!str 5', { kind: '5' }],
      ['kind: !!float 5', { kind: '5' }],
      ['kind: !!int 5', { kind: '5' }],
      ['kind: ! 5', { kind: '5' }],
      ['kind: !own x', { kind: 'x' }],
      ['kind: !!own x', { kind: 'x' }],
      ['kind: !!timestamp 2026-01-01', { kind: '2026-01-01' }],
      ['kind: !!str', {}],
      ['kind: ~', {}],
      ['kind: !!null ~', {}],
      ['kind: ""', {}],
    ],
  ],
  [
    'a block scalar ends as the text does',
    [
      ['kind: |\n  a', { kind: 'a' }],
      ['kind: |\n  a\n', { kind: 'a\n' }],
      ['kind: |-\n  a\n', { kind: 'a' }],
      ['kind: |+\n  a', { kind: 'a' }],
      ['kind: |+\n  a\n\n', { kind: 'a\n\n' }],
      ['kind: |\n  a\n  ', { kind: 'a\n' }],
      ['kind: >\n  a\n  b', { kind: 'a b' }],
      ['kind: |\n  a\n    ', { kind: 'a\n  ' }],
      ['kind: |\r\n  a\r\n', { kind: 'a\n' }],
      ['kind: |\n  a\napiVersion: |\n  b', { apiVersion: 'b', kind: 'a\n' }],
      ["kind: 'a\n\n  '", { kind: 'a\n' }],
      ['kind: |\n  a\n  b', { kind: 'a\nb' }],
      ['kind: |\n\n  a\n  b\napiVersion: x', { apiVersion: 'x', kind: '\na\nb\n' }],
    ],
  ],
  [
    'a tag must fit if its scalar is read',
    [
      ['a: !!int x', {}],
      ['metadata:\n  a: !!float x\n  name: []', ['line 3: cannot unmarshal !!seq into string']],
      ['kind: !!int x', 'cannot decode !!str `x` as a !!int'],
      ['kind: !!null x', 'cannot decode !!str `x` as a !!null'],
      ['kind: !!bool x', 'cannot decode !!str `x` as a !!bool'],
      ['kind: !!timestamp x', 'cannot decode !!str `x` as a !!timestamp'],
      ['kind: !<tag:yaml.org,2002:int> x', 'cannot decode !!str `x` as a !!int'],
      ['%TAG ! tag:yaml.org,2002:\n---\nkind: !int x', 'cannot decode !!str `x` as a !!int'],
      [entry('timeout: !!float 5m'), 'cannot decode !!str `5m` as a !!float'],
      [entry('description: !!float x'), 'cannot decode !!str `x` as a !!float'],
      ['kind: !<x-tag:yaml.org,2002:int> []', ['line 1: cannot unmarshal x-tag:yaml.org,2002:int `` into string']],
      ['metadata: ! 5', ['line 1: cannot unmarshal !!int `5` into v1.CatalogMetadata']],
      ['kind: ! []', ['line 1: cannot unmarshal !!seq into string']],
      ['kind: ! ~', {}],
      [entry('timeout: ! 0'), ['line 5: cannot unmarshal !!int `0` into time.Duration']],
      ['metadata: !!own x', ['line 1: cannot unmarshal !!own `x` into v1.CatalogMetadata']],
    ],
  ],
  [
    'a duration is a text, not a number',
    [
      [entry('timeout: 5m'), read({ timeout: '5m0s' })],
      [entry('timeout: "5m"'), read({ timeout: '5m0s' })],
      [entry('timeout: -5m'), read({ timeout: '-5m0s' })],
      [entry('timeout: +5m'), read({ timeout: '5m0s' })],
      [entry('timeout: |', '  5m'), read({ timeout: '5m0s' })],
      [entry('timeout: !!str 5m'), read({ timeout: '5m0s' })],
      [entry('timeout: !own 5m'), read({ timeout: '5m0s' })],
      [entry('timeout: ~'), read({})],
      [entry('timeout: "0"'), read({})],
      [entry('timeout: !!str 0'), read({})],
      [entry('timeout: 0'), ['line 5: cannot unmarshal !!int `0` into time.Duration']],
      [entry('timeout: -0'), ['line 5: cannot unmarshal !!int `-0` into time.Duration']],
      [entry('timeout: !!float 0'), ['line 5: cannot unmarshal !!float `0` into time.Duration']],
      [entry('timeout: 0.0'), ['line 5: cannot unmarshal !!float `0.0` into time.Duration']],
      [entry('timeout: ""'), ['line 5: cannot unmarshal !!str `` into time.Duration']],
      [entry('timeout: .inf'), ['line 5: cannot unmarshal !!float `.inf` into time.Duration']],
      [entry('timeout: 0x1f'), ['line 5: cannot unmarshal !!int `0x1f` into time.Duration']],
      [entry('timeout: 2026-01-01'), ['line 5: cannot unmarshal !!timestamp `2026-01-01` into time.Duration']],
      [entry('timeout: TRUE'), ['line 5: cannot unmarshal !!bool `TRUE` into time.Duration']],
      [entry('timeout: yes'), ['line 5: cannot unmarshal !!str `yes` into time.Duration']],
      [entry('timeout: <<'), ['line 5: cannot unmarshal !!merge `<<` into time.Duration']],
      [entry('timeout: 18446744073709551616'), ['line 5: cannot unmarshal !!float `1844674...` into time.Duration']],
    ],
  ],
  [
    'an error shows part of a value that does not fit',
    [
      [entry('timeout: "1234567890"'), ['line 5: cannot unmarshal !!str `1234567890` into time.Duration']],
      [entry('timeout: "12345678901"'), ['line 5: cannot unmarshal !!str `1234567...` into time.Duration']],
      [entry('timeout: "123456é8901"'), ['line 5: cannot unmarshal !!str `123456�...` into time.Duration']],
      [entry('timeout: "éééééé"'), ['line 5: cannot unmarshal !!str `ééé�...` into time.Duration']],
      [entry('timeout: [a]'), ['line 5: cannot unmarshal !!seq into time.Duration']],
      [entry('timeout: {a: b}'), ['line 5: cannot unmarshal !!map into time.Duration']],
      [entry('timeout: !own [a]'), ['line 5: cannot unmarshal !own `` into time.Duration']],
      [entry('timeout: !!set {a, b}'), ['line 5: cannot unmarshal !!set `` into time.Duration']],
      [entry('timeout: !!seq x'), ['line 5: cannot unmarshal !!seqx into time.Duration']],
      [entry('timeout: !!map x'), ['line 5: cannot unmarshal !!mapx into time.Duration']],
      [entry('timeout: !!str [a]'), ['line 5: cannot unmarshal !!str `` into time.Duration']],
    ],
  ],
  [
    'each field accepts values of its type',
    [
      ['x', ['line 1: cannot unmarshal !!str `x` into v1.ValidatorCatalog']],
      ['[]', ['line 1: cannot unmarshal !!seq into v1.ValidatorCatalog']],
      ['""', ['line 1: cannot unmarshal !!str `` into v1.ValidatorCatalog']],
      ['!own {}', {}],
      ['!own x', ['line 1: cannot unmarshal !own `x` into v1.ValidatorCatalog']],
      ['kind: []', ['line 1: cannot unmarshal !!seq into string']],
      ['kind: {}', ['line 1: cannot unmarshal !!map into string']],
      ['apiVersion: {}', ['line 1: cannot unmarshal !!map into string']],
      ['metadata: x', ['line 1: cannot unmarshal !!str `x` into v1.CatalogMetadata']],
      ['metadata: []', ['line 1: cannot unmarshal !!seq into v1.CatalogMetadata']],
      ['metadata: ~', {}],
      [
        'metadata: {name: [], version: {}}',
        ['line 1: cannot unmarshal !!seq into string', 'line 1: cannot unmarshal !!map into string'],
      ],
      ['validators: x', ['line 1: cannot unmarshal !!str `x` into []v1.ValidatorEntry']],
      ['validators: {}', ['line 1: cannot unmarshal !!map into []v1.ValidatorEntry']],
      ['validators: ~', {}],
      [
        'validators: [x, [y]]',
        [
          'line 1: cannot unmarshal !!str `x` into v1.ValidatorEntry',
          'line 1: cannot unmarshal !!seq into v1.ValidatorEntry',
        ],
      ],
      [
        'validators: [~, {name: a, phase: deployment, image: i}]',
        { validators: [{ image: 'i', name: 'a', phase: 'deployment' }] },
      ],
      [entry('args: x'), ['line 5: cannot unmarshal !!str `x` into []string']],
      [entry('args: {a: b}'), ['line 5: cannot unmarshal !!map into []string']],
      [entry('args: [a, ~, b]'), read({ args: ['a', 'b'] })],
      [
        entry('args: [a, {c: d}, [e]]'),
        ['line 5: cannot unmarshal !!map into string', 'line 5: cannot unmarshal !!seq into string'],
      ],
      [entry('env: x'), ['line 5: cannot unmarshal !!str `x` into []v1.EnvVar']],
      [entry('env: [x]'), ['line 5: cannot unmarshal !!str `x` into v1.EnvVar']],
      [
        entry('env: [{name: [], value: {}}]'),
        ['line 5: cannot unmarshal !!seq into string', 'line 5: cannot unmarshal !!map into string'],
      ],
      [entry('env: [~, {name: A, value: ~}]'), read({ env: [{ name: 'A' }] })],
      [entry('resources: []'), ['line 5: cannot unmarshal !!seq into v1.ResourceRequirements']],
      [
        entry('resources: {cpu: [], memory: {}}'),
        ['line 5: cannot unmarshal !!seq into string', 'line 5: cannot unmarshal !!map into string'],
      ],
      [entry('resources: {cpu: 1, memory: ~}'), read({ resources: { cpu: '1' } })],
      [entry('dependencyAffinity: x'), ['line 5: cannot unmarshal !!str `x` into []v1.DependencyAffinity']],
      [entry('dependencyAffinity: [x]'), ['line 5: cannot unmarshal !!str `x` into v1.DependencyAffinity']],
      [
        entry('dependencyAffinity: [{componentRef: [], requirement: [], topologyKey: {}}]'),
        [
          'line 5: cannot unmarshal !!seq into string',
          'line 5: cannot unmarshal !!seq into v1.DependencyRequirement',
          'line 5: cannot unmarshal !!map into string',
        ],
      ],
      [
        entry('dependencyAffinity: [{podLabelSelector: []}]'),
        ['line 5: cannot unmarshal !!seq into map[string]string'],
      ],
      [
        entry('dependencyAffinity: [{podLabelSelector: {a: [], b: {}}}]'),
        ['line 5: cannot unmarshal !!seq into string', 'line 5: cannot unmarshal !!map into string'],
      ],
      [
        entry('dependencyAffinity: [{componentRef: c, podLabelSelector: {a: ~, b: 1, 2: x, true: y, ~: z}}]'),
        read({ dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { '2': 'x', a: '', b: '1', true: 'y' } }] }),
      ],
      [
        entry('dependencyAffinity: [{componentRef: c, podLabelSelector: {a: &n ~, b: *n}}]'),
        read({ dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: '', b: '' } }] }),
      ],
      [entry('name2: [x]', 'constructor: [y]', 'toString: z'), read({})],
      [
        'validators: !!null [{name: a, phase: deployment, image: i}]',
        { validators: [{ image: 'i', name: 'a', phase: 'deployment' }] },
      ],
      [entry('? timeout', '? description'), read({})],
      [entry('args: [{a}]', 'env: [{name}]'), ['line 5: cannot unmarshal !!map into string']],
      [entry('env: [{value: , name}]'), read({ env: [{}] })],
      [entry('args: ["", a, !!null , b]'), read({ args: ['', 'a', 'b'] })],
    ],
  ],
  [
    'a key is a unique scalar',
    [
      ['kind: x\nkind: y', ['line 2: mapping key "kind" already defined at line 1']],
      ['kind: x\n"kind": y', ['line 2: mapping key "kind" already defined at line 1']],
      ['1: a\n"1": b', ['line 2: mapping key "1" already defined at line 1']],
      [
        'metadata: {name: a, name: b, name: c}',
        [
          'line 1: mapping key "name" already defined at line 1',
          'line 1: mapping key "name" already defined at line 1',
          'line 1: mapping key "name" already defined at line 1',
        ],
      ],
      [
        'metadata: {name: a,\n  name: b,\n  version: 1,\n  version: 2}',
        [
          'line 2: mapping key "name" already defined at line 1',
          'line 4: mapping key "version" already defined at line 3',
        ],
      ],
      ['x: {a: 1, a: 2}', {}],
      [
        'kind: []\nmetadata: {a: 1, a: 2}',
        ['line 1: cannot unmarshal !!seq into string', 'line 2: mapping key "a" already defined at line 2'],
      ],
      ['~: a\n~: b', ['line 2: mapping key "~" already defined at line 1']],
      ['&k k: x\n*k : y', {}],
      ['"a\\tb\\e\\0": 1\n"a\\tb\\e\\0": 2', ['line 2: mapping key "a\\tb\\x1b\\x00" already defined at line 1']],
      ['"é\\u2028<&": 1\n"é\\u2028<&": 2', ['line 2: mapping key "é\\u2028<&" already defined at line 1']],
      [
        '"\\u200b\\U0001F600": 1\n"\\u200b\\U0001F600": 2',
        ['line 2: mapping key "\\u200b😀" already defined at line 1'],
      ],
      ['[]: a\nkind: b', ['line 1: cannot unmarshal !!seq into string']],
      ['{}: a\nkind: b', ['line 1: cannot unmarshal !!map into string']],
      ['? [a]\n: b\n? [c]\n: d', ['line 3: mapping key "" already defined at line 1']],
      ['{a: b}: c\n{d: e}: f', ['line 2: mapping key "" already defined at line 1']],
      ['? kind\n: x', { kind: 'x' }],
      ['? a\n', {}],
      [
        entry('dependencyAffinity: [{podLabelSelector: {[q]: r, {s: t}: u}}]'),
        ['line 5: cannot unmarshal !!seq into string', 'line 5: cannot unmarshal !!map into string'],
      ],
      ['kind: []\nkind: x', ['line 2: mapping key "kind" already defined at line 1']],
      ['metadata: {name: [], name: x}', ['line 1: mapping key "name" already defined at line 1']],
      [
        'kind: x\na: 1\nmetadata: x\na: 2\nkind: y',
        ['line 5: mapping key "kind" already defined at line 1', 'line 4: mapping key "a" already defined at line 2'],
      ],
    ],
  ],
  [
    'a merge adds missing keys',
    [
      ['<<: {kind: x}', { kind: 'x' }],
      ['kind: z\n<<: {kind: x, apiVersion: v}', { apiVersion: 'v', kind: 'z' }],
      ['<<: {kind: x, apiVersion: v}\nkind: z', { apiVersion: 'v', kind: 'z' }],
      ['<<: [{kind: x}, {kind: y, apiVersion: v}]', { apiVersion: 'v', kind: 'x' }],
      ['<<: []', {}],
      ['a: &a {kind: x}\n<<: *a', { kind: 'x' }],
      ['a: &a {kind: x}\n<<: [*a]', { kind: 'x' }],
      ['<<: {<<: {kind: deep, apiVersion: deep}, kind: x}', { apiVersion: 'deep', kind: 'x' }],
      [
        '<<: [{<<: {kind: deep, apiVersion: deep}, kind: shallow}, {kind: late, apiVersion: late}]',
        { apiVersion: 'deep', kind: 'shallow' },
      ],
      ['kind: ~\n<<: {kind: x}', {}],
      ['<<: [{kind: ~}, {kind: x}]', {}],
      ['kind: z\n<<: {kind: []}', { kind: 'z' }],
      ['<<: {kind: []}', ['line 1: cannot unmarshal !!seq into string']],
      ['<<: {kind: a, kind: b}', ['line 1: mapping key "kind" already defined at line 1']],
      ['<<: {kind: x}\n<<: {kind: y}', ['line 2: mapping key "<<" already defined at line 1']],
      ['"<<": {kind: x}', {}],
      ['!!str <<: {kind: x}', {}],
      ['!!merge <<: {kind: x}', { kind: 'x' }],
      ['!!merge "<<": {kind: x}', { kind: 'x' }],
      ['!!merge x: {kind: x}', {}],
      ['! <<: {kind: x}', { kind: 'x' }],
      ['!own <<: {kind: x}', {}],
      ['a: &m <<\n*m : {kind: x}', {}],
      ['<<: !own {kind: x}', { kind: 'x' }],
      ['<<: !!null {kind: x}', { kind: 'x' }],
      ['<<: ~', 'map merge requires map or sequence of maps as the value'],
      ['<<: x', 'map merge requires map or sequence of maps as the value'],
      ['<<: [x]', 'map merge requires map or sequence of maps as the value'],
      ['<<: [[]]', 'map merge requires map or sequence of maps as the value'],
      ['<<: [~]', 'map merge requires map or sequence of maps as the value'],
      ['a: &a [x]\n<<: *a', 'map merge requires map or sequence of maps as the value'],
      ['a: &a [x]\n<<: [*a]', 'map merge requires map or sequence of maps as the value'],
      ['kind: []\n<<: 5', 'map merge requires map or sequence of maps as the value'],
      ['<<: {[a]: y, kind: z}', ['line 1: cannot unmarshal !!seq into string']],
      ['<<: &a {<<: *a}', "anchor 'a' value contains itself"],
      [entry('<<: {name: b, timeout: 5}'), ['line 5: cannot unmarshal !!int `5` into time.Duration']],
      [
        entry('<<: {timeout: 5m, args: [x], description: from}', 'args: []'),
        read({ description: 'from', timeout: '5m0s' }),
      ],
      [entry('<<: {resources: {cpu: 1}}', 'resources: {memory: 2}'), read({ resources: { memory: '2' } })],
      [
        entry('dependencyAffinity: [{componentRef: c, podLabelSelector: {a: own, <<: {a: merged, b: merged}}}]'),
        read({ dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: 'own', b: 'merged' } }] }),
      ],
      [
        entry(
          'dependencyAffinity: [{componentRef: c, podLabelSelector: {a: ~, true: own, <<: {a: merged, true: merged}}}]',
        ),
        read({ dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: '', true: 'merged' } }] }),
      ],
      [
        entry('dependencyAffinity: [{componentRef: c, podLabelSelector: {<<: [{a: x}, {a: ~, b: ~}]}}]'),
        read({ dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: 'x', b: '' } }] }),
      ],
    ],
  ],
  [
    'an alias repeats its anchor',
    [
      ['kind: &a x\napiVersion: *a', { apiVersion: 'x', kind: 'x' }],
      ['kind: &a x\napiVersion: &a y\nmetadata: {a: *a, name: [*a]}', ['line 3: cannot unmarshal !!seq into string']],
      ['&k kind: x\napiVersion: *k', { apiVersion: 'kind', kind: 'x' }],
      ['kind: &a\napiVersion: *a', {}],
      [
        'kind: &a [x]\napiVersion: *a',
        ['line 1: cannot unmarshal !!seq into string', 'line 1: cannot unmarshal !!seq into string'],
      ],
      ['kind: *a', "unknown anchor 'a' referenced"],
      ['a: *x', "unknown anchor 'x' referenced"],
      ['kind: *a\na: &a x', "unknown anchor 'a' referenced"],
      ['kind: &a x\n---\napiVersion: *a', { kind: 'x' }],
      [entry('args: &a [x, y]', 'env: [{name: N, value: *b}]', 'more: &b z'), "unknown anchor 'b' referenced"],
      [entry('args: &a [x, *y]', 'env: &y []'), "unknown anchor 'y' referenced"],
      [
        entry('args: &a [x, y]', 'env: [{name: &n N, value: *n}]'),
        read({ args: ['x', 'y'], env: [{ name: 'N', value: 'N' }] }),
      ],
      ['validators: &v [*v]', ['line 1: cannot unmarshal !!seq into v1.ValidatorEntry']],
      ['metadata: &x {name: *x}', ['line 1: cannot unmarshal !!map into string']],
      ['&a {kind: *a}', ['line 1: cannot unmarshal !!map into string']],
      [
        'a: &a [z]\nkind: *a\napiVersion: *a',
        ['line 1: cannot unmarshal !!seq into string', 'line 1: cannot unmarshal !!seq into string'],
      ],
      [
        'a: &a {name: x}\nvalidators: [{args: *a}, {args: *a}]',
        ['line 1: cannot unmarshal !!map into []string', 'line 1: cannot unmarshal !!map into []string'],
      ],
      [
        'c: &c N\nd: &d {name: *c}\nvalidators:\n- {name: a, phase: deployment, image: i, env: [*d, *d]}',
        { validators: [{ env: [{ name: 'N' }, { name: 'N' }], image: 'i', name: 'a', phase: 'deployment' }] },
      ],
      ['a: &a x\nkind: *a\napiVersion: *a', { apiVersion: 'x', kind: 'x' }],
      ['&k k: x\nkind: *k', { kind: 'k' }],
      [
        'kind: &a x\nmetadata:\n  name: &a []\napiVersion: *a',
        ['line 3: cannot unmarshal !!seq into string', 'line 3: cannot unmarshal !!seq into string'],
      ],
    ],
  ],
  [
    'an error names the line',
    [
      [
        '\n\nkind: []\n\n\nmetadata: [\n]\n',
        ['line 3: cannot unmarshal !!seq into string', 'line 6: cannot unmarshal !!seq into v1.CatalogMetadata'],
      ],
      ['# c\n---\n# d\nkind:\n  # e\n  - a\n', ['line 6: cannot unmarshal !!seq into string']],
      [
        'kind: []\r\nmetadata: []\r\n',
        ['line 1: cannot unmarshal !!seq into string', 'line 2: cannot unmarshal !!seq into v1.CatalogMetadata'],
      ],
      ['kind: |\n  a\n  b\nmetadata:\n  []', ['line 5: cannot unmarshal !!seq into v1.CatalogMetadata']],
      ['metadata:\n  "x\n\n   y"', ['line 2: cannot unmarshal !!str `x\ny` into v1.CatalogMetadata']],
      ['? kind\n: []', ['line 2: cannot unmarshal !!seq into string']],
      ['? |\n  kind\n: []', {}],
      [
        'validators:\n-\n  - x\n- - y\n',
        [
          'line 3: cannot unmarshal !!seq into v1.ValidatorEntry',
          'line 4: cannot unmarshal !!seq into v1.ValidatorEntry',
        ],
      ],
      ['kind: &a\n  - x', ['line 1: cannot unmarshal !!seq into string']],
      ['kind: !own\n  - x', ['line 1: cannot unmarshal !own `` into string']],
      ['kind: &a !own # &b\n\n  - x\n', ['line 1: cannot unmarshal !own `` into string']],
      [
        'validators:\n- &e\n  - x\n- !t\n  - y\n- ? &k\n    z\n  : q',
        [
          'line 2: cannot unmarshal !!seq into v1.ValidatorEntry',
          'line 4: cannot unmarshal !t `` into v1.ValidatorEntry',
        ],
      ],
      [
        'x: &m\n\n  [\n\n]\nkind: *m\napiVersion:\n  *m\n',
        ['line 1: cannot unmarshal !!seq into string', 'line 1: cannot unmarshal !!seq into string'],
      ],
      ['a: 1\n&b a: 2', ['line 2: mapping key "a" already defined at line 1']],
      ['{? &a\n x: y,\n x: z}', ['line 3: mapping key "x" already defined at line 1']],
      ['&r [a]', ['line 1: cannot unmarshal !!seq into v1.ValidatorCatalog']],
      ['kind: {\n  a: b }', ['line 1: cannot unmarshal !!map into string']],
    ],
  ],
  [
    'a directive is accepted',
    [
      ['%YAML 1.1\n---\nkind: x', { kind: 'x' }],
      ['--- # %YAML\nkind: "%YAML"', { kind: '%YAML' }],
      ['%TAG !e! tag:e,2000:\n---\nkind: !e!q x', { kind: 'x' }],
    ],
  ],
  [
    'only the first document is read',
    [
      ['kind: x\n---\nkind: [', { kind: 'x' }],
      ['kind: x\n...\nfoo: [', { kind: 'x' }],
      ['---\n---\nkind: x', {}],
      ['', {}],
      ['# c\n', {}],
      ['---\n...\n', {}],
      ['~', {}],
    ],
  ],
];

const HEAD = '[INTERNAL] failed to parse catalog YAML: yaml:';

function reading(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof ContractError ? error.full : error;
  }
}

function expected(answer: Answer): unknown {
  if (typeof answer === 'string') return `${HEAD} ${answer}`;
  if (Array.isArray(answer)) return [`${HEAD} unmarshal errors:`, ...answer].join('\n  ');
  return parseCatalog(answer);
}

describe.each(ANSWERS)('reads a catalog as yaml.v3 does: %s', (_, rows) => {
  it.each(rows)('%j', (text, answer) => expect(reading(() => parseCatalogYaml(text))).toEqual(expected(answer)));
});

/**
 * A catalog of `times` validators that are aliases, whose `aliased` arguments are an alias too. If `own` is not 0, it
 * has another validator without aliases, with that number of arguments.
 */
function aliasingCatalog(own: number, aliased: number, times: number): string {
  const list = (length: number) => `[${Array(length).fill('x').join(', ')}]`;
  const validator = (name: string, args: string) => `{name: ${name}, phase: deployment, image: i, args: ${args}}`;
  const names = Array.from({ length: times }, (_, i) => `n${i}`);
  return [
    `args: &args ${list(aliased)}`,
    ...names.map((name) => `${name}: &${name} ${validator(name, '*args')}`),
    'validators:',
    ...(own === 0 ? [] : [`- ${validator('own', list(own))}`]),
    ...names.map((name) => `- *${name}`),
  ].join('\n');
}

// The numbers are yaml.v3's: it accepts these, and refuses one more argument in each case.
it.each<[why: string, own: number, aliased: number, times: number]>([
  ['all of the first thousand nodes may be aliased', 0, 983, 1],
  ['99 % of up to 400,000 nodes may be aliased', 8, 2366, 1],
  ['fewer may be aliased beyond 400,000 nodes', 4100, 9929, 40],
])('limits aliases as yaml.v3 does: %s', (_, own, aliased, times) => {
  expect(parseCatalogYaml(aliasingCatalog(own, aliased, times)).validators.at(-1)?.args).toHaveLength(aliased);
  const more = aliasingCatalog(own, aliased + 1, times);
  expect(reading(() => parseCatalogYaml(more))).toBe(`${HEAD} document contains excessive aliasing`);
});
