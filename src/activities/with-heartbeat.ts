import { Context } from '@temporalio/activity';

/**
 * Well under every heartbeat timeout in `workflows/activity-stubs.ts`. The SDK throttles the heartbeats that it sends.
 */
const INTERVAL_MS = 5_000;

/**
 * Does the work while heartbeating, at once and every few seconds.
 * @param details what the heartbeat reports, for a person in the Web UI and for the next attempt.
 */
export async function withHeartbeat<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  beat();
  const timer = setInterval(beat, INTERVAL_MS);
  try {
    return await work();
  } catch (error) {
    // The next attempt starts from the latest details.
    beat();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
