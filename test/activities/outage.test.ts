import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Outage } from '../../src/activities/outage.ts';
import { ClusterError } from '../../src/cluster/cluster-error.ts';

const unreachable = new ClusterError('unreachable', 'local', { verb: 'get', resource: 'jobs.batch' }, 'ECONNREFUSED');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('an outage fails the activity permanently once it has lasted for its grace', () => {
  const outage = new Outage(60_000, undefined);
  outage.record('no route');
  vi.advanceTimersByTime(59_999);
  outage.record('no route');
  vi.advanceTimersByTime(1);
  expect(() => outage.record('no route')).toThrow(
    expect.objectContaining({
      type: 'ClusterUnreachable',
      nonRetryable: true,
      message: 'the cluster has been unreachable for 1m0s: no route',
    }),
  );
});

it('an outage continues from the beginning that an earlier attempt saw', () => {
  const outage = new Outage(60_000, { sinceMs: 1_000_000 - 60_000 });
  expect(() => outage.record('no route')).toThrow('unreachable for 1m0s');
});

it('an outage leaves out the time without any worker, but not the time between two attempts', () => {
  const noWorker = new Outage(60_000, { sinceMs: 1_000_000 - 7_200_000, reportedMs: 1_000_000 - 7_190_000 });
  noWorker.record('no route');
  expect(noWorker.sinceMs).toBe(1_000_000 - 10_000);
  const backoff = new Outage(60_000, { sinceMs: 1_000_000 - 70_000, reportedMs: 1_000_000 - 60_000 });
  expect(() => backoff.record('no route')).toThrow('unreachable for 1m10s');
});

it('an outage is over once the cluster answers', () => {
  const outage = new Outage(60_000, { sinceMs: 1_000_000 - 59_000 });
  outage.record(undefined);
  expect(outage.sinceMs).toBeUndefined();
  vi.advanceTimersByTime(59_000);
  outage.record('no route');
  expect(outage.sinceMs).toBe(1_059_000);
});

it('an outage begins with work that the cluster fails, but not with an error of another kind', async () => {
  const outage = new Outage(60_000, undefined);
  await expect(outage.track(() => Promise.reject(new Error('ours')))).rejects.toThrow('ours');
  expect(outage.sinceMs).toBeUndefined();
  await expect(outage.track(() => Promise.reject(unreachable))).rejects.toBe(unreachable);
  expect(outage.sinceMs).toBe(1_000_000);
  vi.advanceTimersByTime(60_000);
  await expect(outage.track(() => Promise.reject(unreachable))).rejects.toMatchObject({ type: 'ClusterUnreachable' });
});
