/**
 * Keeps the whole results of a run's validators (log lines, message) until the report is written. They are too big for
 * a workflow's history.
 */
export interface ResultStore {
  /** Stores a result, or replaces the one with the same key. */
  put(key: string, result: unknown, signal: AbortSignal): Promise<void>;
  /** @returns the results with these keys. Keys without a result are left out. */
  getAll(keys: ReadonlySet<string>, signal: AbortSignal): Promise<Map<string, unknown>>;
}
