import { expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import { diagnose } from '../../../src/run/ending/diagnosis.ts';
import type { Ending } from '../../../src/run/ending/ending.ts';
import { exitCodeInCondition } from '../../../src/run/ending/terminal-ending.ts';
import { pod } from './pods.ts';

it('reads the exit code from the message of the Job’s Failed condition', () => {
  const failed = (reason: string, message: string): Ending => ({
    kind: 'terminal',
    started: true,
    condition: { type: 'Failed', status: 'True', reason, message },
  });
  const words = 'Container validator for pod ns/aicr-x failed with exit code 2 matching FailJob rule at index 0';
  expect(exitCodeInCondition(failed('PodFailurePolicy', words))).toBe(2);
  expect(exitCodeInCondition(failed('PodFailurePolicy', words.replace('code 2', 'code 137')))).toBe(137);
  expect(exitCodeInCondition(failed('BackoffLimitExceeded', words))).toBeUndefined();
  expect(exitCodeInCondition(failed('PodFailurePolicy', `not: ${words}`))).toBeUndefined();
  expect(exitCodeInCondition({ kind: 'timeout', started: true })).toBeUndefined();
  expect(exitCodeInCondition(failed('PodFailurePolicy', words.replace('validator', 'sidecar')))).toBeUndefined();
  expect(diagnose(failed('PodFailurePolicy', words), undefined).cause).toBe('completed');
});

it('ignores the condition’s exit code if the pod was last seen being deleted or disrupted', () => {
  const message = 'Container validator for pod ns/aicr-x failed with exit code 1 matching FailJob rule at index 0';
  const failed = (seen: Pod): Ending => ({
    kind: 'terminal',
    started: true,
    pod: seen,
    condition: { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message },
  });
  const deleted = failed(pod({ running: {} }, { deletedAt: 50 }));
  expect(exitCodeInCondition(deleted)).toBeUndefined();
  expect(diagnose(deleted, undefined)).toStrictEqual({ cause: 'interrupted', evidence: message });
  const drained = failed(pod({ running: {} }, { disrupted: true }));
  expect(exitCodeInCondition(drained)).toBeUndefined();
  expect(diagnose(drained, undefined)).toStrictEqual({ cause: 'evicted', evidence: 'evicted for memory' });
  expect(exitCodeInCondition(failed(pod({ running: {} })))).toBe(1);
});
