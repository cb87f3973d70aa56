import { afterEach, expect, it, vi } from 'vitest';
import { ClusterError, type ClusterErrorKind } from '../../../src/cluster/cluster-error.ts';
import { CircuitBreaker } from '../../../src/cluster/transport/circuit-breaker.ts';

afterEach(() => vi.restoreAllMocks());

const never = new AbortController().signal;

function failure(kind: ClusterErrorKind, retryAfterMs?: number): ClusterError {
  return new ClusterError(kind, 'c', { verb: 'get', resource: 'pods' }, 'no', { retryAfterMs });
}

async function waitedMs(breaker: CircuitBreaker): Promise<number> {
  const start = performance.now();
  await breaker.waitWhileOpen(60_000, never);
  return performance.now() - start;
}

it('makes every caller wait after a dead connection, including callers that have not failed', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 40, mostMs: 40 });
  breaker.recordFailure(failure('unreachable'), breaker.pauses, 0);
  expect(await waitedMs(breaker)).toBeGreaterThan(35);
});

it('makes no other caller wait after a 500', async () => {
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  breaker.recordFailure(failure('server-error'), breaker.pauses, 0);
  expect(await waitedMs(breaker)).toBeLessThan(5_000);
});

it('pauses once for fifty simultaneous failures', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 100, mostMs: 100_000 });
  const { pauses } = breaker;
  const delays = Array.from({ length: 50 }, () => breaker.recordFailure(failure('unreachable'), pauses, 0));
  // The common pause and the caller's own jitter.
  expect(Math.max(...delays)).toBeLessThanOrEqual(200);
});

it('doubles each further pause up to the limit', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 100, mostMs: 350 });
  const delays = [0, 1, 2, 3].map(() => breaker.recordFailure(failure('unreachable'), breaker.pauses, 0));
  expect(delays.map((delay) => Math.round(delay / 50) * 50)).toEqual([200, 300, 450, 450]);
});

it('ends the pause after an answer, unless the server asked for it', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  breaker.recordFailure(failure('unreachable'), breaker.pauses, 0);
  breaker.recordAnswer();
  expect(await waitedMs(breaker)).toBeLessThan(5_000);
  breaker.recordFailure(failure('too-many-requests', 30_000), breaker.pauses, 0);
  breaker.recordAnswer();
  await expect(breaker.waitWhileOpen(5_000, never)).rejects.toMatchObject({ kind: 'too-many-requests' });
});

it('takes retries from one budget, which answers refill', () => {
  const breaker = new CircuitBreaker();
  let taken = 0;
  while (breaker.takeRetry()) taken++;
  expect(taken).toBe(20);
  for (let i = 0; i < 4; i++) breaker.recordAnswer();
  expect(breaker.takeRetry()).toBe(true);
  expect(breaker.takeRetry()).toBe(false);
});

it('throws the failure that opened it if a caller cannot wait until it closes', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  const outage = failure('unreachable');
  breaker.recordFailure(outage, breaker.pauses, 0);
  await expect(breaker.waitWhileOpen(50, never)).rejects.toBe(outage);
  breaker.recordFailure(failure('too-many-requests', 30_000), breaker.pauses, 0);
  await expect(breaker.waitWhileOpen(50, never)).rejects.toThrow('asked clients to wait another 30 s');
});
