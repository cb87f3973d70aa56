/**
 * The text to show for anything that was thrown: an error's message, or the value itself as text. Node reports a host whose addresses all
 * refused as an `AggregateError` with an empty message, so the messages of its errors are joined instead.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
