import { Context } from '@temporalio/activity';

/** Well under every heartbeat timeout in use (`workflows/activities.ts`). The SDK throttles what is sent. */
const BEAT_MS = 5_000;

/** Do the work while heartbeating what `details` says, at once and every few seconds: details are for the person at the Web UI. */
export async function withHeartbeat<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work();
  } catch (error) {
    // What the next try starts from.
    beat();
    throw error;
  } finally {
    clearInterval(timer);
  }
}
