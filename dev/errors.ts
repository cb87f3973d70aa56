/** A failure that the user can fix. Its message is printed without a stack trace. */
export class DevError extends Error {
  override name = 'DevError';
}
