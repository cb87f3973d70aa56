import { describe, expect, it } from 'vitest';
import { readCatalogText } from '../../../src/aicr/catalog/catalog-yaml.ts';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import { parseCatalogYaml } from './parse-catalog-yaml.ts';

const HEAD = '[INTERNAL] failed to parse catalog YAML: yaml: ';

function inEntry(...lines: string[]): string {
  return ['validators:', '- name: a', '  phase: deployment', '  image: i', ...lines].join('\n');
}

/** The catalog, or AICR's error. */
function reading(text: string): unknown {
  try {
    return parseCatalogYaml(text);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return error.full;
  }
}

function entryOf(text: string): unknown {
  return parseCatalogYaml(text).validators[0];
}

describe('a value of a catalog', () => {
  it('keeps its text as written', () => {
    expect(
      entryOf(
        'validators: [{name: 123, phase: deployment, image: 1.0, description: yes, args: [007, ~, true, 1e3, 1.10, "x"]}]',
      ),
    ).toEqual({
      name: '123',
      phase: 'deployment',
      image: '1.0',
      description: 'yes',
      timeout: '0s',
      args: ['007', 'true', '1e3', '1.10', 'x'],
    });
  });

  it('is empty if it is null, even as the value of a label', () => {
    const near = ['  dependencyAffinity:', '  - componentRef: c', '    podLabelSelector: {a: , b: x}'];
    expect(entryOf(inEntry('  description:', ...near))).toMatchObject({
      description: '',
      dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: '', b: 'x' } }],
    });
  });

  it('keeps a field that only Proctor knows', () => {
    expect(entryOf(inEntry('  exclusive: [gpu]', '  rerunnable: true'))).toMatchObject({
      exclusive: ['gpu'],
      rerunnable: true,
    });
  });

  it.each(['5', '1.5', 'true', '2026-01-01', '[1m]', '{a: b}'])('is refused as a timeout: %s', (timeout) => {
    expect(reading(inEntry(`  timeout: ${timeout}`))).toMatch(/line 5: cannot unmarshal !!\w+ .*into time\.Duration/);
  });

  it.each([
    ['  timeout: 5x\n', 'line 5: cannot unmarshal !!str `5x` into time.Duration'],
    ['  timeout: 5\n', 'line 5: cannot unmarshal !!int `5` into time.Duration'],
    ['  timeout: 1.5\n', 'line 5: cannot unmarshal !!float `1.5` into time.Duration'],
    ['  timeout: "a very long text"\n', 'line 5: cannot unmarshal !!str `a very ...` into time.Duration'],
    ['  args: x\n', 'line 5: cannot unmarshal !!str `x` into []string'],
    [
      '  args:\n    - [a]\n  env: {a: b}\n',
      'line 6: cannot unmarshal !!seq into string\n  line 7: cannot unmarshal !!map into []v1.EnvVar',
    ],
    ['  image: j\n', 'line 5: mapping key "image" already defined at line 4'],
    ['  resources: 2001-01-01\n', 'line 5: cannot unmarshal !!timestamp `2001-01-01` into v1.ResourceRequirements'],
  ])('is refused with yaml.v3’s message if it does not fit: %j: %s', (lines, message) => {
    expect(reading(inEntry(lines))).toBe(`${HEAD}unmarshal errors:\n  ${message}`);
  });

  it('is not reported after 100 other errors', () => {
    for (const text of [`metadata: {${'a: 1, '.repeat(1000)}}`, `validators: [${'[], '.repeat(200)}]`])
      expect((reading(text) as string).split('\n')).toHaveLength(101);
  });
});

describe('a merge key', () => {
  it('adds only keys that the mapping itself lacks', () => {
    const text = (key: string) =>
      [
        'base: &base {image: from-base, description: d}',
        'validators:',
        `- {${key}: *base, name: a, phase: deployment, image: own}`,
      ].join('\n');
    expect(entryOf(text('<<'))).toMatchObject({ image: 'own', description: 'd' });
  });

  it('is a key like any other if it is in quotes', () => {
    const text = 'base: &base {description: d}\nvalidators: [{"<<": *base, name: a, phase: deployment, image: own}]';
    expect(entryOf(text)).toMatchObject({ image: 'own', description: '' });
  });

  it('accepts a list of mappings, of which the first with a key wins', () => {
    const { validators } = parseCatalogYaml(
      'base: &b {phase: deployment, image: i, timeout: 5m}\nvalidators:\n  - {<<: *b, name: a, timeout: 1h}\n  - <<: [*b, {name: z}]\n',
    );
    expect(validators.map(({ name, timeout }) => [name, timeout])).toEqual([
      ['a', '1h0m0s'],
      ['z', '5m0s'],
    ]);
  });

  it('keeps the key of a label, even __proto__', () => {
    const near = '  dependencyAffinity: [{componentRef: c, podLabelSelector: {__proto__: x}}]';
    const [dependency] = parseCatalogYaml(inEntry(near)).validators[0]?.dependencyAffinity ?? [];
    expect(Object.entries(dependency?.podLabelSelector ?? {})).toEqual([['__proto__', 'x']]);
  });
});

it.each([
  ['a: *x', "unknown anchor 'x' referenced"],
  ['metadata: &x {name: n, <<: *x}', "anchor 'x' value contains itself"],
  ['<<: x', 'map merge requires map or sequence of maps as the value'],
  ['kind: !!int x', 'cannot decode !!str `x` as a !!int'],
])('refuses a document that cannot be decoded, with yaml.v3’s message: %j: %s', (text, message) =>
  expect(reading(text)).toBe(HEAD + message),
);

describe('a text that is not YAML', () => {
  it.each([
    ['validators: [', 1, 14],
    ['a:\n  b: {c: d\n', 3, 1],
    ['{{{', 1, 4],
    ['x: y\nvalidators: [}\n', 2, 14],
    ['}', 1, 1],
    ['\tfoo: bar', 1, 1],
    ['a:\n  b: c\n\td: e\n', 3, 1],
    ['a: b\nc: @d', 2, 4],
    ['foo: bar: baz', 1, 6],
    ['validators:\n  - name: a\n     phase: x\n', 2, 11],
    ['a: "unterminated', 1, 17],
    ['x: [a\n b: c]', 1, 5],
    ['{a: b} c', 1, 8],
    ['a: \u0007', 1, 4],
    ['a: b\nc: "\u0000"', 2, 5],
  ])('is refused with line and column: %j', (text, line, column) => {
    expect(reading(text)).toMatch(
      new RegExp(`^${HEAD.replaceAll(/[[\]]/g, '\\$&')}.+ at line ${line}, column ${column}(:\n|$)`),
    );
  });

  it('is quoted with a caret below the error', () => {
    expect(reading('a: b\nvalidators: @x\n')).toBe(
      [
        `${HEAD}Plain value cannot start with reserved character @ at line 2, column 13:`,
        '    validators: @x',
        '                ^',
      ].join('\n'),
    );
  });

  it('is quoted only in part if it is long', () => {
    for (const text of [
      `a: "\\q${'x'.repeat(100_000)}"`,
      `${'x'.repeat(100_000)}: @`,
      `a\n \t# b\n${'x'.repeat(100_000)}: z`,
    ])
      expect((reading(text) as string).length).toBeLessThan(700);
  });

  it('is any text of a YAML version other than 1.1', () => {
    expect(reading('%YAML 1.2\n---\nkind: x')).toBe(
      `${HEAD}%YAML 1.2 is a version that AICR's reader does not accept: remove the directive`,
    );
    expect(reading('%YAML 1.1\n---\nkind: x')).toMatchObject({ kind: 'x' });
  });
});

describe('aliases', () => {
  it('are refused if they expand a small text to a huge document', () => {
    const levels = Array.from(
      { length: 8 },
      (_, i) =>
        `l${i}: &l${i} {x: {${Array.from({ length: 9 }, (_, k) => `k${k}: ${i === 0 ? 'v' : `*l${i - 1}`}`).join(', ')}}}`,
    );
    const text = `${levels.join('\n')}\nvalidators:\n  - {name: a, phase: deployment, image: i, exclusive: *l7}\n`;
    expect(reading(text)).toBe(`${HEAD}document contains excessive aliasing`);
  });
});

describe('a text of several documents', () => {
  it('is read up to the end of the first', () => {
    for (const text of ['', '# nothing\n', '---\n', '~', '---\nvalidators: []\n---\nx: [1, 2]\n'])
      expect(parseCatalogYaml(text).validators).toEqual([]);
  });

  it.each([
    ['a: 1', undefined],
    ['a: 1\n---\n', undefined],
    ['a: 1\n---\n# c\n', undefined],
    ['a: 1\n--- # c\n', undefined],
    ['a: 1\n...\n', undefined],
    ['a: 1\n...\n# c\n', undefined],
    ['a: 1\n---\n~\n', undefined],
    ['a: 1\n---\n---\n...\n', undefined],
    ['---\na: 1\n', undefined],
    ['a: 1\n---\n\nb: 2', 2],
    ['a: 1\n...\nb: 2', 3],
    ['a: 1\n---\n# c\n---\nb: 2', 4],
    ['\ufeffa: 1\r\n---\r\n- b\r\n', 2],
    ['a: 1\n---\n""\n', 2],
    ['a: 1\n---\n[', 2],
  ])('reports the line of the next document that is not empty: %j: %s', (text, line) => {
    expect(readCatalogText(text).laterDocumentLine).toBe(line);
  });
});
