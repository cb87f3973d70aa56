/** How much of a termination message is kept (contract.md, section 8; `boundTerminationMsg`). */
import { VALIDATOR_MAX_TERMINATION_MSG_BYTES } from '../constants.ts';
import { decodeUtf8, encodeUtf8, isFullRune, isRuneStart } from '../go/utf8.ts';

/**
 * At most 4096 bytes and a suffix that says how many bytes went. A character that the cut would split goes too; bytes that were wrong in
 * the message itself stay.
 */
export function boundTerminationMessage(message: string): string {
  return decodeUtf8(boundTerminationBytes(encodeUtf8(message)));
}

/** The same on the bytes as the container wrote them. */
export function boundTerminationBytes(message: Uint8Array): Uint8Array {
  if (message.length <= VALIDATOR_MAX_TERMINATION_MSG_BYTES) return message;
  const kept = withoutSplitCharacter(message, VALIDATOR_MAX_TERMINATION_MSG_BYTES);
  const suffix = encodeUtf8(`... [truncated ${message.length - kept} bytes]`);
  const out = new Uint8Array(kept + suffix.length);
  out.set(message.subarray(0, kept));
  out.set(suffix, kept);
  return out;
}

/** `end`, or the start of the last character before it if that is not whole. A character is at most four bytes long. */
function withoutSplitCharacter(bytes: Uint8Array, end: number): number {
  let start = end - 1;
  while (start > end - 4 && !isRuneStart(bytes[start] ?? 0)) start--;
  return isFullRune(bytes, start, end) ? end : start;
}
