// Waits for a condition, with a deadline, so that the stack, the tests and the benchmarks need no fixed sleeps.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../src/run/error-message.ts';

/** Intervals between polls, in milliseconds. They grow, so that short waits end soon and long waits cost little. */
const POLL_MS = { first: 5, most: 100, growth: 1.2 };

/** Polls until the condition is true; false if the deadline passes first. An error of the condition ends the wait. */
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
 * Polls `find` until it returns something other than false or undefined, and returns that. If `find` throws, it is
 * polled again.
 * @param what the name, in the error, of what is awaited.
 * @throws Error with the last error of `find` if `seconds` pass first.
 */
export async function until<T>(
  what: string,
  find: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 120,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (let pollMs = POLL_MS.first; ; pollMs = Math.min(POLL_MS.most, pollMs * POLL_MS.growth)) {
    try {
      const value = await find();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await delay(pollMs);
  }
  throw new Error(`not within ${seconds} s: ${what}${last === undefined ? '' : ` (${messageOf(last)})`}`);
}
