/**
 * UTF-8 as Go sees it. The contract's bounds count bytes, and its reports replace every single invalid byte by U+FFFD (encoding/json), where
 * `TextDecoder` puts one for a whole truncated sequence: so what is invalid is found here, and only what is valid is left to the platform.
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
  let text = '';
  let validFrom = from;
  for (let at = from; at < to; ) {
    const size = sequenceSize(bytes, at, to);
    if (size === 0) {
      text += `${DECODER.decode(bytes.subarray(validFrom, at))}\ufffd`;
      validFrom = at + 1;
    }
    at += Math.max(1, size);
  }
  return text + DECODER.decode(bytes.subarray(validFrom, to));
}

/** Length of the valid sequence that starts at `at`, or 0 (Unicode table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF). */
function sequenceSize(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at] ?? 0;
  const size = expectedSize(lead);
  if (at + size > to) return 0;
  for (let i = 1; i < size; i++) if (!isFollower(bytes[at + i] ?? 0, i === 1 ? lead : 0)) return 0;
  return size;
}

/** Bytes a sequence that begins with `lead` must have: 0 for a byte that begins none. */
function expectedSize(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Whether a byte may follow in a sequence: directly after some leading bytes not every continuation may. */
function isFollower(byte: number, lead: number): boolean {
  if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf;
  if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f;
  if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf;
  if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f;
  return byte >= 0x80 && byte <= 0xbf;
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
