/** A failure that the user can fix. Its message is printed without a stack trace. */
export class DevError extends Error {
  override name = 'DevError';
}

/** The code of a system error, such as `EADDRINUSE`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
