/** Where a run keeps a validator's whole result (log lines, message) until the report: it is too big for a workflow's history. */
export interface ResultStore {
  /** Keep a result. The same key again replaces what was there. */
  put(key: string, result: unknown, signal: AbortSignal): Promise<void>;
  /** A result that was kept; undefined where there is none (any more). */
  get(key: string, signal: AbortSignal): Promise<unknown>;
}
