/** A failure that a person can act on: printed as it stands, without a stack trace. */
export class DevError extends Error {
  override name = 'DevError';
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
