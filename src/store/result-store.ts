/** Where a run keeps a validator's whole result (log lines, message) until the report: it is too big for a workflow's history. */
export interface ResultStore {
  /** Keep a result. The same key again replaces what was there. */
  put(key: string, result: unknown, signal: AbortSignal): Promise<void>;
  /** Of the results that were kept those with these keys. One that is not there (any more) is left out. */
  getAll(keys: ReadonlySet<string>, signal: AbortSignal): Promise<Map<string, unknown>>;
}
