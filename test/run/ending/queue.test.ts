import { expect, it } from 'vitest';
import { queueOf } from '../../../src/run/ending/queue.ts';

it('distinguishes a queue of the cluster from a wait for the run’s own validators', () => {
  expect(queueOf(undefined)).toBe('none');
  expect(queueOf({ finding: { cause: 'unschedulable' }, forRoom: true })).toBe('none');
  expect(queueOf({ finding: { cause: 'queued' } })).toBe('elsewhere');
  expect(queueOf({ finding: { cause: 'queued' }, forRoom: true })).toBe('room');
});
