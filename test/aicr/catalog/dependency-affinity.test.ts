import { describe, expect, it } from 'vitest';
import { checkDependencyAffinity } from '../../../src/aicr/catalog/dependency-affinity.ts';

const invalid = (message: string) => expect.objectContaining({ code: 'INVALID_REQUEST', message });

describe('checkDependencyAffinity', () => {
  it('requires a component and labels', () => {
    expect(() => checkDependencyAffinity({})).toThrow(invalid('dependencyAffinity: componentRef is required'));
    expect(() => checkDependencyAffinity({ componentRef: 'c', podLabelSelector: {} })).toThrow(
      invalid('dependencyAffinity "c": podLabelSelector is required'),
    );
    expect(() => checkDependencyAffinity({ componentRef: 'c' })).toThrow('podLabelSelector is required');
  });
});
