import { afterEach, expect, it, vi } from 'vitest';
import { ClusterError, type ClusterErrorKind } from '../../../src/cluster/cluster-error.ts';
import { CircuitBreaker } from '../../../src/cluster/transport/circuit-breaker.ts';

afterEach(() => vi.restoreAllMocks());

const never = new AbortController().signal;

function failure(kind: ClusterErrorKind, retryAfterMs?: number): ClusterError {
  return new ClusterError(kind, 'c', { verb: 'get', resource: 'pods' }, 'no', { retryAfterMs });
}

async function turnMs(breaker: CircuitBreaker): Promise<number> {
  const start = performance.now();
  await breaker.waitWhileOpen(60_000, never);
  return performance.now() - start;
}

it('a dead connection makes every caller wait, one who has not failed yet too', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 40, mostMs: 40 });
  breaker.recordFailure(failure('unreachable'), breaker.pauses, 0);
  expect(await turnMs(breaker)).toBeGreaterThan(35);
});

it('one call’s 500 makes nobody else wait', async () => {
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  breaker.recordFailure(failure('server-error'), breaker.pauses, 0);
  expect(await turnMs(breaker)).toBeLessThan(5_000);
});

it('fifty failures of one moment lengthen the pause once, not fifty times', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 100, mostMs: 100_000 });
  const { pauses } = breaker;
  const delays = Array.from({ length: 50 }, () => breaker.recordFailure(failure('unreachable'), pauses, 0));
  // The pause, and the jitter of each.
  expect(Math.max(...delays)).toBeLessThanOrEqual(200);
});

it('each further round doubles the pause, up to the most', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 100, mostMs: 350 });
  const delays = [0, 1, 2, 3].map(() => breaker.recordFailure(failure('unreachable'), breaker.pauses, 0));
  expect(delays.map((delay) => Math.round(delay / 50) * 50)).toEqual([200, 300, 450, 450]);
});

it('an answer ends the pause, unless the server asked for it', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  breaker.recordFailure(failure('unreachable'), breaker.pauses, 0);
  breaker.recordAnswer();
  expect(await turnMs(breaker)).toBeLessThan(5_000);
  breaker.recordFailure(failure('too-many-requests', 30_000), breaker.pauses, 0);
  breaker.recordAnswer();
  await expect(breaker.waitWhileOpen(5_000, never)).rejects.toMatchObject({ kind: 'too-many-requests' });
});

it('retries are paid from one purse; successes fill it again', () => {
  const breaker = new CircuitBreaker();
  let paid = 0;
  while (breaker.takeRetry()) paid++;
  expect(paid).toBe(20);
  for (let i = 0; i < 4; i++) breaker.recordAnswer();
  expect(breaker.takeRetry()).toBe(true);
  expect(breaker.takeRetry()).toBe(false);
});

it('who cannot wait until the door opens gets the failure that closed it', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  const breaker = new CircuitBreaker({ firstMs: 10_000, mostMs: 10_000 });
  const away = failure('unreachable');
  breaker.recordFailure(away, breaker.pauses, 0);
  await expect(breaker.waitWhileOpen(50, never)).rejects.toBe(away);
  breaker.recordFailure(failure('too-many-requests', 30_000), breaker.pauses, 0);
  await expect(breaker.waitWhileOpen(50, never)).rejects.toThrow('asked clients to wait another 30 s');
});
