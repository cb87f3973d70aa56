import { describe, expect, it } from 'vitest';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import { checkCatalogYaml } from '../../../src/run/plan/read-catalog.ts';
import { parseCatalogYaml } from '../../aicr/catalog/parse-catalog-yaml.ts';

describe('a catalog’s YAML, checked by Proctor', () => {
  const faultsOf = (text: string) => {
    const read = checkCatalogYaml(text, 'request.catalog.file');
    return 'faults' in read ? read.faults : [];
  };

  it('is read as AICR reads it where it has no faults', () => {
    const text =
      'validators: [{name: a, phase: deployment, image: "img:1", timeout: 1m, env: [{name: N, value: 012}]}]';
    expect(checkCatalogYaml(text, 'p')).toEqual({ catalog: parseCatalogYaml(text), ignored: [] });
    const read = checkCatalogYaml(`${text}\nmore: 1`, 'p');
    expect(read).toMatchObject({ ignored: [expect.stringMatching(/^p\.more: unknown field, ignored/)] });
  });

  it('has each fault with its path', () => {
    expect(faultsOf('validators: [{phase: x, image: i}]').map(({ path }) => path)).toEqual([
      'request.catalog.file.validators[0].name',
      'request.catalog.file.validators[0].phase',
    ]);
  });

  it('is one fault where it is no YAML', () => {
    expect(faultsOf('a: [')).toEqual([
      { path: 'request.catalog.file', message: expect.stringMatching(/^cannot be read: ./) },
    ]);
  });

  it('is refused, not failed on, where it cannot be read at all', () => {
    for (const text of ['a: [', `validators: ${'['.repeat(50_000)}${']'.repeat(50_000)}`, '&a [*a, *a']) {
      expect(faultsOf(text)).not.toEqual([]);
    }
  });
});

describe('a catalog’s YAML is read by yaml.v3’s rules', () => {
  const reading = (...lines: string[]) => {
    try {
      return parseCatalogYaml(['validators:', '- name: a', '  phase: deployment', '  image: i', ...lines].join('\n'))
        .validators[0];
    } catch (error) {
      return error instanceof ContractError ? error.full : error;
    }
  };

  it('a null text is empty, also as a label’s value', () => {
    const near = ['  dependencyAffinity:', '  - componentRef: c', '    podLabelSelector: {a: , b: x}'];
    expect(reading('  description:', ...near)).toMatchObject({
      description: '',
      dependencyAffinity: [{ componentRef: 'c', podLabelSelector: { a: '', b: 'x' } }],
    });
  });

  it.each(['5', '1.5', 'true', '2026-01-01', '[1m]', '{a: b}'])('%s is no duration', (timeout) => {
    expect(reading(`  timeout: ${timeout}`)).toMatch(/line 5: cannot unmarshal !!\w+ .*into time\.Duration/);
  });

  it('a merge key gives what the mapping itself does not have, and a quoted one is a key like any other', () => {
    const text = (key: string) =>
      [
        'base: &base {image: from-base, description: d}',
        'validators:',
        `- {${key}: *base, name: a, phase: deployment, image: own}`,
      ].join('\n');
    expect(parseCatalogYaml(text('<<')).validators[0]).toMatchObject({ image: 'own', description: 'd' });
    expect(parseCatalogYaml(text('"<<"')).validators[0]).toMatchObject({ image: 'own', description: '' });
  });

  it('a key that is there twice is an error, with both lines', () => {
    expect(reading('  description: x', '  description: y')).toContain(
      'line 6: mapping key "description" already defined at line 5',
    );
  });
});
