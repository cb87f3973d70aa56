import type { Times } from './call-counts.ts';
import { percentile, round } from './figures.ts';

export interface Wakeups {
  /** How many waiters returned after an event that the proxy saw. */
  count: number;
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
}

/**
 * How long each waiter took to return after its Job's end arrived at the proxy. Both times are of the machine's
 * monotonic clock.
 */
export function wakeups(arrived: Times, returned: Times): Wakeups {
  const at = new Map(arrived.map(([name, time]) => [name, BigInt(time)]));
  const ms = returned.flatMap(([name, time]) => {
    const from = at.get(name);
    return from === undefined ? [] : [Number(BigInt(time) - from) / 1e6];
  });
  return {
    count: ms.length,
    p50Ms: round(percentile(ms, 0.5)),
    p99Ms: round(percentile(ms, 0.99)),
    mostMs: round(percentile(ms, 1)),
  };
}
