import { describe, expect, it } from 'vitest';
import { encodeTolerations } from '../../../src/aicr/job/tolerations.ts';

describe('encodeTolerations', () => {
  it('writes each kind of toleration', () => {
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
