/** What some work led to: the value it returned, or the error it failed with. */
export type Result<T, E = unknown> = { ok: true; value: T } | { ok: false; error: E };

/**
 * Runs the work and returns what it throws as a value, so that the caller can clean up before it decides what to throw.
 */
export async function resultOf<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error };
  }
}
