/** The value that some work returned, or the error that it threw. */
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
