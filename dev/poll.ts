// Waiting for a condition with a deadline; nothing in the stack, the tests or the benchmarks sleeps for luck.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../src/run/error-message.ts';

/** Polls often at first, for what takes milliseconds, and then seldom, for what takes minutes. Milliseconds. */
const POLL_MS = { first: 5, most: 100, growth: 1.2 };

/** Polls until the condition holds; false if the deadline passes first. An error of the condition ends the wait. */
export async function becomesTrue(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  pollMs = POLL_MS.most,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/**
 * Waits until `found` returns something other than false or undefined, and returns that. An error of `found` counts as "not yet".
 * @param seconds how long to wait.
 * @throws Error that names what it waited for, with the last error of `found`.
 */
export async function until<T>(
  what: string,
  found: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 120,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (let pollMs = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * POLL_MS.growth)) {
    try {
      const value = await found();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await delay(pollMs);
  }
  throw new Error(`not within ${seconds} s: ${what}${last === undefined ? '' : ` (${messageOf(last)})`}`);
}
