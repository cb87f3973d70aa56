/**
 * UTF-8 as Go sees it. The contract's bounds count bytes, and its reports replace every single invalid byte by U+FFFD (encoding/json), where
 * `TextDecoder` puts one for a whole truncated sequence: so these are found here, and the rest is left to the platform.
 */

const ENCODER = new TextEncoder();
/** Or a byte order mark would be swallowed. */
const KEEP_MARK = { ignoreBOM: true };
const DECODER = new TextDecoder('utf-8', KEEP_MARK);

/** A lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  return encodeUtf8(text).length;
}

/** Go's decoding: one U+FFFD for each byte that does not belong to a valid sequence. */
export function decodeUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const part = bytes.subarray(from, to);
  let text = '';
  let done = 0;
  for (let at = 0; at < part.length; at++) {
    if (!isCutShort(part, at)) continue;
    text += `${DECODER.decode(part.subarray(done, at))}\ufffd`;
    done = at + 1;
  }
  return text + DECODER.decode(part.subarray(done));
}

/** Whether a sequence begins here that is not followed by all it needs. Other invalid bytes are one U+FFFD each in any case. */
function isCutShort(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] ?? 0;
  const size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < size; i++) if (isRuneStart(bytes[at + i] ?? 0)) return true;
  return false;
}

/** Go's `utf8.RuneStart`: any byte that is not a continuation. */
export function isRuneStart(byte: number): boolean {
  return byte < 0x80 || byte > 0xbf;
}

/**
 * Go's `utf8.FullRune`: whether the bytes begin with a whole sequence. One that is already known to be invalid counts as whole (a rune
 * of one wrong byte); only one that more bytes could still complete does not, and that is what a streaming decoder holds back.
 */
export function isFullRune(bytes: Uint8Array, from: number, to: number): boolean {
  return new TextDecoder('utf-8', KEEP_MARK).decode(bytes.subarray(from, to), { stream: true }) !== '';
}

/** Go compares strings by their bytes; JavaScript by UTF-16 units, which differs beyond U+FFFF. */
export function compareByBytes(a: string, b: string): number {
  const left = encodeUtf8(a);
  const right = encodeUtf8(b);
  for (const [i, byte] of left.entries()) {
    const difference = byte - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
