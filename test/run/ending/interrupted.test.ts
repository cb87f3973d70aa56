import { expect, it } from 'vitest';
import { resultFromInterrupted, wasInterrupted } from '../../../src/run/ending/interrupted.ts';
import { ended, pod } from './pods.ts';

it('replaces the exit code of an interrupted validator with -1', () => {
  const deleted = pod(ended(0, 25), { deletedAt: 50, grace: 30 });
  expect(wasInterrupted(deleted)).toBe(true);
  expect(wasInterrupted(pod(ended(0, 10)))).toBe(false);
  expect(wasInterrupted(pod({ running: {} }, { deletedAt: 50 }))).toBe(false);
  expect(resultFromInterrupted(deleted)).toMatchObject({
    exitCode: -1,
    terminationMsg: 'interrupted: the pod was being deleted when its validator ended (exit code 0)',
  });
});
