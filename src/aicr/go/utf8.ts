/**
 * UTF-8 as Go reads it. AICR's limits count bytes, and encoding/json replaces each invalid byte with U+FFFD.
 * `TextDecoder` writes a single U+FFFD for a whole truncated sequence, so this file finds truncated sequences itself.
 */

const ENCODER = new TextEncoder();
/** Keeps a byte order mark, which the decoder would otherwise drop. */
const KEEP_BOM = { ignoreBOM: true };
const DECODER = new TextDecoder('utf-8', KEEP_BOM);

/** The text's bytes. A lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** The number of bytes of `text` in UTF-8. */
export function utf8Length(text: string): number {
  return encodeUtf8(text).length;
}

export function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/** Decodes as Go does: one U+FFFD for each byte that belongs to no valid sequence. */
export function decodeUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const part = bytes.subarray(from, to);
  let text = '';
  let done = 0;
  for (let at = 0; at < part.length; at++) {
    if (!isTruncated(part, at)) continue;
    text += `${DECODER.decode(part.subarray(done, at))}\ufffd`;
    done = at + 1;
  }
  return text + DECODER.decode(part.subarray(done));
}

/** Whether a truncated sequence begins here. `TextDecoder`, too, writes one U+FFFD for any other invalid byte. */
function isTruncated(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] ?? 0;
  const size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < size; i++) if (isRuneStart(bytes[at + i] ?? 0)) return true;
  return false;
}

/** Whether the byte is not a continuation byte (Go's `utf8.RuneStart`). */
export function isRuneStart(byte: number): boolean {
  return byte < 0x80 || byte > 0xbf;
}

/**
 * Whether the bytes begin with a whole sequence (Go's `utf8.FullRune`). An invalid sequence counts as whole: it is a
 * rune of one invalid byte. Only a sequence that more bytes could complete is not whole, and a streaming decoder holds
 * back exactly that.
 */
export function isFullRune(bytes: Uint8Array, from: number, to: number): boolean {
  return new TextDecoder('utf-8', KEEP_BOM).decode(bytes.subarray(from, to), { stream: true }) !== '';
}

/** Orders texts by their bytes, as Go does. JavaScript orders by UTF-16 units, which differs beyond U+FFFF. */
export function compareByBytes(a: string, b: string): number {
  const left = encodeUtf8(a);
  const right = encodeUtf8(b);
  for (const [i, byte] of left.entries()) {
    const difference = byte - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
