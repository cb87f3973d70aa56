/** The codes of AICR's errors (`pkg/errors`). */
export type ErrorCode =
  | 'INVALID_REQUEST'
  | 'NOT_FOUND'
  | 'INTERNAL'
  | 'TIMEOUT'
  | 'UNAVAILABLE'
  | 'CONFLICT'
  | 'CANCELED';

/** An error as AICR reports it: `message` is the message alone, and `full` is `[CODE] message: cause`. */
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

/** Prints an error as Go's `%v` does: with code and causes if it is a ContractError, otherwise its message alone. */
export function errorText(error: unknown): string {
  if (error instanceof ContractError) return error.full;
  return error instanceof Error ? error.message : String(error);
}

/** Whether the error or any of its causes has the code (Go's `errors.Is`). */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 32; at = at.cause, depth++) {
    if (at instanceof ContractError && at.code === code) return true;
  }
  return false;
}
