import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCatalogYaml } from '../../../src/run/plan/read-catalog.ts';
import { parseCatalogYaml } from '../../aicr/catalog/parse-catalog-yaml.ts';

const PATH = 'request.catalog.file';

function faultsOf(text: string) {
  const read = checkCatalogYaml(text, PATH);
  return 'faults' in read ? read.faults : [];
}

/** The validators of a text without faults or unknown fields. */
function validatorsOf(text: string) {
  const read = checkCatalogYaml(text, PATH);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  expect(read.ignored).toEqual([]);
  expect(read.catalog).toEqual(parseCatalogYaml(text));
  return read.catalog.validators;
}

function withLines(...lines: string[]): string {
  return ['validators:', '- name: a', '  phase: deployment', '  image: img:1', ...lines, ''].join('\n');
}

const PLAIN = withLines();
const at = (field: string) => `${PATH}.validators[0].${field}`;

describe('checkCatalogYaml', () => {
  it('reads a catalog without faults as AICR reads it', () => {
    const text =
      'validators: [{name: a, phase: deployment, image: "img:1", timeout: 1m, env: [{name: N, value: 012}]}]';
    expect(checkCatalogYaml(text, PATH)).toEqual({ catalog: parseCatalogYaml(text), ignored: [] });
  });

  it('warns about an unknown field, but not about a place for anchors', () => {
    expect(checkCatalogYaml(`${PLAIN}\nmore: 1\nx-defaults: {a: 1}`, PATH)).toMatchObject({
      ignored: [expect.stringMatching(/^request\.catalog\.file\.more: unknown field, ignored/)],
    });
  });

  it('lists each fault with its path', () => {
    expect(faultsOf('validators: [{phase: x, image: i}]').map(({ path }) => path)).toEqual([at('name'), at('phase')]);
  });

  it('refuses a text that is not YAML, and shows line, column and caret', () => {
    expect(faultsOf('validators: @x')).toEqual([
      {
        path: PATH,
        message:
          'cannot be read: Plain value cannot start with reserved character @ at line 1, column 13:\n' +
          '    validators: @x\n' +
          '                ^',
      },
    ]);
  });

  it('refuses a text that cannot be read at all', () => {
    const [deep] = faultsOf(`validators: ${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(deep?.message).toMatch(/^cannot be read: Nested too deeply/);
    for (const text of ['a: [', '&a [*a, *a', '&a [*a]', 'validators: &v [*v]']) expect(faultsOf(text)).not.toEqual([]);
  });

  it('refuses a duplicate key', () => {
    expect(faultsOf(withLines('  description: x', '  description: y'))).toEqual([
      { path: PATH, message: 'line 6: mapping key "description" already defined at line 5' },
    ]);
  });
});

describe('YAML as people write it', () => {
  it.each([
    ['a separator before it', `---\n${PLAIN}`],
    ['a separator after it', `${PLAIN}---\n`],
    ['an end after it', `${PLAIN}...\n`],
    ['an end and a separator after it', `${PLAIN}...\n---\n`],
    ['comments after a separator', `${PLAIN}---\n# one\n# two\n`],
    ['null after a separator', `${PLAIN}---\nnull\n`],
    ['a byte order mark', `\ufeff${PLAIN}`],
    ['a byte order mark and a separator', `\ufeff---\n${PLAIN}`],
    ['CRLF line ends', PLAIN.replaceAll('\n', '\r\n')],
    ['a byte order mark, CRLF line ends and a separator', `\ufeff${PLAIN}---\n`.replaceAll('\n', '\r\n')],
  ])('is accepted with %s', (_what, text) => expect(validatorsOf(text)).toEqual(validatorsOf(PLAIN)));

  it('is accepted with merge keys', () => {
    const text = [
      'x-defaults: &defaults {phase: deployment, image: "img:1", timeout: 1m, resources: {cpu: 50m, memory: 16Mi}}',
      'x-more: &more {timeout: 9m, description: d}',
      'validators:',
      '- {<<: *defaults, name: one}',
      '- {<<: *defaults, name: two, timeout: 30s}',
      '- {<<: [*defaults, *more], name: three}',
    ].join('\n');
    expect(validatorsOf(text).map(({ name, timeout, description }) => [name, timeout, description])).toEqual([
      ['one', '1m0s', ''],
      ['two', '30s', ''],
      ['three', '1m0s', 'd'],
    ]);
  });

  it('is refused if a merged field has a fault', () => {
    const text = 'x-d: &d {phase: smoke, image: i}\nvalidators: [{<<: *d, name: a}]';
    expect(faultsOf(text)).toEqual([
      { path: at('phase'), message: '"smoke" is not one of deployment, conformance, performance' },
    ]);
  });

  it('is accepted with 500 uses of one anchor', () => {
    const entries = Array.from({ length: 500 }, (_, i) => `- {<<: *d, name: v${i}, env: *e, args: *a}`);
    const text = [
      'x-d: &d {phase: deployment, image: "img:1", timeout: 1m, resources: {cpu: 50m, memory: 16Mi}}',
      'x-e: &e [{name: A, value: "1"}, {name: B, value: "2"}]',
      'x-a: &a [-c, exit 0]',
      'validators:',
      ...entries,
    ].join('\n');
    expect(validatorsOf(text)).toHaveLength(500);
  });

  it('is refused quickly if its aliases unfold into billions', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `- &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    const text = `x-l:\n- &l0 [lol]\n${levels.join('\n')}\n${withLines('  args: *l30')}`;
    const before = performance.now();
    expect(faultsOf(text)).toEqual([{ path: PATH, message: 'cannot be read: document contains excessive aliasing' }]);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('is accepted if nothing reads its aliases that unfold into billions', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `- &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    const lists = `x-l:\n- &l0 [lol]\n${levels.join('\n')}`;
    expect(validatorsOf(`${lists}\n${PLAIN}`)).toEqual(validatorsOf(PLAIN));
    expect(checkCatalogYaml(`${lists}\n${withLines('  more: *l30')}`, PATH)).toMatchObject({
      ignored: [expect.stringContaining('.more: unknown field')],
    });
  });

  it('is refused with a second document that is not empty, and the line is given', () => {
    const message = 'holds a second document, which starts on line 5: put all validators into one document';
    expect(faultsOf(`${PLAIN}---\n${PLAIN}`)).toEqual([{ path: PATH, message }]);
    expect(faultsOf(`${PLAIN}---\nvalidators: [`)).toEqual([{ path: PATH, message }]);
  });
});

describe('a text that YAML does not read as text', () => {
  it.each([
    ['name: 123', 'name', '123 as a number'],
    ['name: 1.10', 'name', '1.10 as a number'],
    ['name: 0x10', 'name', '0x10 as a number'],
    ['name: 1e3', 'name', '1e3 as a number'],
    ['name: true', 'name', 'true as a boolean'],
    ['name: null', 'name', 'null as no value'],
    ['image: 1.0', 'image', '1.0 as a number'],
    ['exclusive: [1]', 'exclusive[0]', '1 as a number'],
    ['args: [a, null]', 'args[1]', 'null as no value'],
    ['env: [{name: 1, value: x}]', 'env[0].name', '1 as a number'],
    [
      'dependencyAffinity: [{componentRef: true, podLabelSelector: {a: b}}]',
      'dependencyAffinity[0].componentRef',
      'true as a boolean',
    ],
    [
      'dependencyAffinity: [{componentRef: c, podLabelSelector: {a: 1}}]',
      'dependencyAffinity[0].podLabelSelector.a',
      '1 as a number',
    ],
  ])('is refused as a name: %s', (line, field, reads) => {
    const [key] = line.split(':');
    const others = ['name: a', 'phase: deployment', 'image: i'].filter((other) => !other.startsWith(`${key}:`));
    const text = `validators:\n- ${[line, ...others].join('\n  ')}`;
    expect(faultsOf(text)).toEqual([{ path: at(field), message: `YAML reads ${reads}: put it in quotes` }]);
  });

  it.each(['on', 'yes', 'no', '2026-01-01'])('is a name like any other: %s', (name) => {
    expect(validatorsOf(`validators: [{name: ${name}, phase: deployment, image: i}]`)).toMatchObject([{ name }]);
  });

  it('is not a name if it is null or empty', () => {
    for (const name of ['~', '', '""'])
      expect(faultsOf(`validators:\n- {name: ${name}, phase: deployment, image: i}`)).toEqual([
        { path: at('name'), message: 'a name is required' },
      ]);
  });

  const WRITTEN = ['1.10', '0777', '1e3', '0x10', '12345678901234567890', '1_000', '.5', '-0', 'True', 'yes', '+1'];

  it.each(WRITTEN)('keeps its written form as an argument, a value and a version: %s', (text) => {
    const catalog = `${withLines(`  args: [${text}]`, `  env: [{name: N, value: ${text}}]`, `  description: ${text}`)}`;
    expect(validatorsOf(catalog)).toMatchObject([
      { args: [text], env: [{ name: 'N', value: text }], description: text },
    ]);
    const header = 'apiVersion: validator.nvidia.com/v1alpha1\nkind: ValidatorCatalog';
    expect(checkCatalogYaml(`${header}\nmetadata: {version: ${text}}\n${PLAIN}`, PATH)).toMatchObject({
      catalog: { metadata: { version: text } },
    });
  });

  it('is a quantity if its text is one, but not if only its number is', () => {
    expect(validatorsOf(withLines('  resources: {cpu: 1.10, memory: 1e3}'))).toMatchObject([
      { resources: { cpu: '1.10', memory: '1e3' } },
    ]);
    expect(faultsOf(withLines('  resources: {cpu: 0x10, memory: 1Gi}'))).toEqual([
      { path: at('resources.cpu'), message: '0x10 is not a quantity such as 500m or 2Gi' },
    ]);
  });

  it('is empty or left out if it is null, as in AICR', () => {
    expect(
      validatorsOf(
        withLines('  description: null', '  timeout: null', '  args: [a, ~]', '  env: [{name: N, value: ~}]'),
      ),
    ).toEqual([
      {
        ...{ name: 'a', phase: 'deployment', image: 'img:1', description: '', timeout: '0s', args: ['a'] },
        env: [{ name: 'N', value: '' }],
      },
    ]);
  });

  it.each([
    ['timeout: 5', 'timeout', '5 is not a duration such as 90s or 5m'],
    ['phase: 1', 'phase', '1 is not one of deployment, conformance, performance'],
    ['rerunnable: yes', 'rerunnable', '"yes" is not true or false'],
    ['rerunnable: 1', 'rerunnable', '1 is not true or false'],
    ['args: 1.10', 'args', '1.10 is not a list'],
    ['env: 1', 'env', '1 is not a list'],
    ['resources: true', 'resources', 'must be a mapping with cpu and memory'],
    ['args: [[1.10]]', 'args[0]', '["1.10"] is not text'],
  ])('is shown in its written form in any other fault: %s', (line, field, message) => {
    const lines = ['name: a', 'phase: deployment', 'image: i'].filter(
      (other) => other.split(':')[0] !== line.split(':')[0],
    );
    expect(faultsOf(`validators:\n- ${[...lines, line].join('\n  ')}`)).toEqual([{ path: at(field), message }]);
  });

  it('is a boolean in any of YAML’s forms of true and false', () => {
    for (const [text, rerunnable] of [
      ['true', true],
      ['True', true],
      ['FALSE', false],
    ] as const)
      expect(validatorsOf(withLines(`  rerunnable: ${text}`))).toMatchObject([{ rerunnable }]);
  });
});

it('never throws, and gives AICR’s catalog if it finds no fault', () => {
  const scalar = fc.constantFrom(
    'a',
    '1',
    '1.10',
    'true',
    'null',
    '~',
    '""',
    '5m',
    '[x]',
    '{k: v}',
    '[1, ~]',
    '*d',
    '',
  );
  const field = fc.constantFrom('name', 'phase', 'image', 'timeout', 'args', 'env', 'resources', 'exclusive', '<<');
  const lines = fc.uniqueArray(fc.tuple(field, scalar), { selector: ([name]) => name });
  fc.assert(
    fc.property(lines, (fields) => {
      const entry = [...fields.map(([name, value]) => `${name}: ${value}`), 'description: d'].join('\n  ');
      const text = `x-d: &d {name: d, phase: deployment, image: i}\nvalidators:\n- ${entry}`;
      const read = checkCatalogYaml(text, PATH);
      if (!('faults' in read)) expect(read.catalog).toEqual(parseCatalogYaml(text));
    }),
  );
});

it('reads every catalog of the examples without a fault', () => {
  const file = new URL('../../../examples/catalog.yaml', import.meta.url);
  expect(checkCatalogYaml(readFileSync(file, 'utf8'), PATH)).toMatchObject({ ignored: [] });
});
