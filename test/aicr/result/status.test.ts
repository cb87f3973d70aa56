import { describe, expect, it } from 'vitest';
import { exitCodeToStatus, isFailingStatus, phaseStatus } from '../../../src/aicr/result/status.ts';

describe('a status', () => {
  it('depends on the exit code', () => {
    expect([0, 1, 2, 3, -1, 137].map(exitCodeToStatus)).toEqual([
      'passed',
      'failed',
      'skipped',
      'other',
      'other',
      'other',
    ]);
    expect(['passed', 'failed', 'skipped', 'other', 'pending'].map(isFailingStatus)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it('of a phase is the worst of its tests', () => {
    expect(phaseStatus([])).toBe('skipped');
    expect(phaseStatus(['skipped', 'skipped'])).toBe('passed');
    expect(phaseStatus(['passed', 'other', 'failed'])).toBe('failed');
    expect(phaseStatus(['passed', 'other'])).toBe('other');
    expect(phaseStatus(['passed', 'skipped'])).toBe('passed');
  });
});
