import { expect, it } from 'vitest';
import { terminalCondition } from '../../src/kubernetes/job.ts';
import type { Job } from '../../src/kubernetes/types.ts';

it('considers a Job ended if its condition Complete or Failed is True', () => {
  const condition = (type: string, status: 'True' | 'False') => ({ type, status });
  const of = (...conditions: ReturnType<typeof condition>[]) =>
    terminalCondition({ metadata: {}, spec: {}, status: { conditions } } as unknown as Job)?.type;
  expect(of(condition('Suspended', 'True'), condition('Complete', 'True'))).toBe('Complete');
  expect(of(condition('FailureTarget', 'True'), condition('Failed', 'True'))).toBe('Failed');
  expect(of(condition('Complete', 'False'), condition('Failed', 'False'))).toBeUndefined();
  expect(of()).toBeUndefined();
  expect(terminalCondition({ metadata: {}, spec: {}, status: {} } as unknown as Job)).toBeUndefined();
  expect(terminalCondition({ metadata: {}, spec: {} } as unknown as Job)).toBeUndefined();
});
