/**
 * The message of anything that was thrown: an error's message, or the value as text. If all addresses of a host refuse
 * a connection, Node throws an `AggregateError` with an empty message; its errors' messages are then joined.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The code of a system error, such as `EADDRINUSE`; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
