/** Bounds a termination message (AICR's `boundTerminationMsg`; docs/contract.md, section 8). */
import { VALIDATOR_MAX_TERMINATION_MSG_BYTES } from '../constants.ts';
import { concat, decodeUtf8, encodeUtf8, isFullRune, isRuneStart } from '../go/utf8.ts';

/**
 * Keeps at most 4096 bytes, and appends how many bytes are missing. A character that the cut would split is left out.
 * Bytes that were invalid in the message stay.
 */
export function boundTerminationMessage(message: string): string {
  return decodeUtf8(boundTerminationBytes(encodeUtf8(message)));
}

/** Like {@link boundTerminationMessage}, for the bytes that the container wrote. */
export function boundTerminationBytes(message: Uint8Array): Uint8Array {
  if (message.length <= VALIDATOR_MAX_TERMINATION_MSG_BYTES) return message;
  const kept = withoutSplitCharacter(message, VALIDATOR_MAX_TERMINATION_MSG_BYTES);
  return concat(message.subarray(0, kept), encodeUtf8(`... [truncated ${message.length - kept} bytes]`));
}

/** `end`, or the start of the character that `end` would split. A character has at most four bytes. */
function withoutSplitCharacter(bytes: Uint8Array, end: number): number {
  let start = end - 1;
  while (start > end - 4 && !isRuneStart(bytes[start] ?? 0)) start--;
  return isFullRune(bytes, start, end) ? end : start;
}
