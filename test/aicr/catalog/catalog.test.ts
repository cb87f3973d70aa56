import { describe, expect, it } from 'vitest';
import { type Catalog, mergeCatalogs, parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import type { ContractError } from '../../../src/aicr/contract-error.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:v1' };

function thrown(run: () => unknown): ContractError {
  try {
    run();
  } catch (error) {
    return error as ContractError;
  }
  throw new Error('nothing was thrown');
}

describe('parseCatalog', () => {
  it('writes a timeout in canonical form, and leaves out empty fields', () => {
    const parsed = parseCatalog({
      validators: [{ ...entry, timeout: '90s', args: [], env: null, exclusive: ['gpu'], rerunnable: true, more: 1 }],
    });
    expect(parsed.validators).toEqual([
      { ...entry, description: '', timeout: '1m30s', exclusive: ['gpu'], rerunnable: true },
    ]);
  });

  it('refuses what AICR refuses, with AICR’s messages', () => {
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

describe('mergeCatalogs', () => {
  const of = (...names: string[]): Catalog => ({
    validators: names.map((name) => ({ ...entry, description: '', timeout: '0s', name })),
  });

  it('replaces entries by name, in place, and appends new ones', () => {
    const overlay = of('b', 'd');
    const merged = mergeCatalogs({ ...of('a', 'b', 'c'), kind: 'ValidatorCatalog' }, overlay);
    expect(merged.validators.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(merged.validators[1]).toBe(overlay.validators[0]);
    expect(merged.kind).toBe('ValidatorCatalog');
  });
});
