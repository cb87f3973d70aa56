// Waiting for a condition with a deadline; nothing in the stack sleeps for luck.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;

/** Polls until the condition holds; false when the deadline passed first. */
export async function becomesTrue(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  pollMs = POLL_MS,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) return false;
    await delay(pollMs);
  }
  return true;
}
