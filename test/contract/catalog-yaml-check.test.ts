import { describe, expect, it } from 'vitest';
import { checkCatalogYaml, parseCatalogYaml } from '../../src/contract/catalog-yaml.ts';

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

  it('is refused, not failed on, where it cannot be read at all', () => {
    for (const text of ['a: [', `validators: ${'['.repeat(50_000)}${']'.repeat(50_000)}`, '&a [*a, *a']) {
      expect(faultsOf(text)).not.toEqual([]);
    }
  });
});
