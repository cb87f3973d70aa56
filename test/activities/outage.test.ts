import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Outage } from '../../src/activities/outage.ts';
import { ClusterError } from '../../src/cluster/cluster-error.ts';

const gone = new ClusterError('unreachable', 'local', { verb: 'get', resource: 'jobs.batch' }, 'ECONNREFUSED');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('is borne for its grace, then ends the activity for good', () => {
  const outage = new Outage(60_000, undefined);
  outage.see('no route');
  vi.advanceTimersByTime(59_999);
  outage.see('no route');
  vi.advanceTimersByTime(1);
  expect(() => outage.see('no route')).toThrow(
    expect.objectContaining({
      type: 'ClusterUnreachable',
      nonRetryable: true,
      message: 'the cluster has been out of reach for 1m0s: no route',
    }),
  );
});

it('counts from where an earlier try saw it begin', () => {
  const outage = new Outage(60_000, { sinceMs: 1_000_000 - 60_000 });
  expect(() => outage.see('no route')).toThrow('out of reach for 1m0s');
});

it('does not count the time in which no worker was there to ask, though that between two tries', () => {
  const away = new Outage(60_000, { sinceMs: 1_000_000 - 7_200_000, toldMs: 1_000_000 - 7_190_000 });
  away.see('no route');
  expect(away.sinceMs).toBe(1_000_000 - 10_000);
  const again = new Outage(60_000, { sinceMs: 1_000_000 - 70_000, toldMs: 1_000_000 - 60_000 });
  expect(() => again.see('no route')).toThrow('out of reach for 1m10s');
});

it('is over once the cluster answers', () => {
  const outage = new Outage(60_000, { sinceMs: 1_000_000 - 59_000 });
  outage.see(undefined);
  expect(outage.sinceMs).toBeUndefined();
  vi.advanceTimersByTime(59_000);
  outage.see('no route');
  expect(outage.sinceMs).toBe(1_059_000);
});

it('has begun with work that fails for want of the cluster, and only with that', async () => {
  const outage = new Outage(60_000, undefined);
  await expect(outage.during(() => Promise.reject(new Error('ours')))).rejects.toThrow('ours');
  expect(outage.sinceMs).toBeUndefined();
  await expect(outage.during(() => Promise.reject(gone))).rejects.toBe(gone);
  expect(outage.sinceMs).toBe(1_000_000);
  vi.advanceTimersByTime(60_000);
  await expect(outage.during(() => Promise.reject(gone))).rejects.toMatchObject({ type: 'ClusterUnreachable' });
});
