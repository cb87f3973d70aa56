import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition; fails when it does not come true in time. */
export async function waitUntil(what: string, holds: () => boolean, seconds = 600): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await wait(100);
  }
}
