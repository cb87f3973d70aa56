import { describe, expect, it } from 'vitest';
import { unknownFields } from '../../../src/aicr/catalog/unknown-fields.ts';
import { checkCatalog } from '../../../src/run/plan/check-catalog.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:v1' };

describe('unknownFields', () => {
  it('warns about each unknown field at any depth, which is not a fault', () => {
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

  it('does not warn about any known field', () => {
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

  it('does not warn about root fields whose name begins with x-', () => {
    expect(unknownFields({ 'x-defaults': {}, validators: [] }, 'catalog')).toEqual([]);
    expect(unknownFields({ validators: [{ ...entry, 'x-more': 1 }] }, 'catalog')).toHaveLength(1);
  });
});
