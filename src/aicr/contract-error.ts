/** AICR's coded errors (`pkg/errors`; the `full` form is what `golden/` records). */
export type ErrorCode =
  | 'INVALID_REQUEST'
  | 'NOT_FOUND'
  | 'INTERNAL'
  | 'TIMEOUT'
  | 'UNAVAILABLE'
  | 'CONFLICT'
  | 'CANCELED';

/** An error of the contract. `message` stays bare, `full` is AICR's `[CODE] message: cause`. */
export class ContractError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ContractError';
    this.code = code;
  }

  get full(): string {
    const head = `[${this.code}] ${this.message}`;
    return this.cause === undefined ? head : `${head}: ${errorText(this.cause)}`;
  }
}

/** What Go's `%v` would print of an error: the coded form of ours, the message of anything else. */
export function errorText(error: unknown): string {
  if (error instanceof ContractError) return error.full;
  return error instanceof Error ? error.message : String(error);
}

/** Whether `code` is on the error or anywhere in its chain of causes (Go's `errors.Is`). */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 32; at = at.cause, depth++) {
    if (at instanceof ContractError && at.code === code) return true;
  }
  return false;
}
