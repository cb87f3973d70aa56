import { describe, expect, it } from 'vitest';
import { encodeTolerations } from '../../../src/aicr/job/tolerations.ts';

describe('encodeTolerations', () => {
  it('is each toleration in its form', () => {
    const tolerations = [
      { operator: 'Exists' },
      { operator: 'Exists', effect: 'NoExecute' },
      { operator: 'Equal', effect: 'NoSchedule' },
      { key: 'b' },
      { value: 'v', effect: 'NoSchedule' },
      { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'k', value: 'v', effect: 'NoSchedule' },
    ];
    expect(encodeTolerations(tolerations)).toBe('*,*,:NoSchedule,b:,=v:NoSchedule,k:NoSchedule,k=v:NoSchedule');
  });
});
