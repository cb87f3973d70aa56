/**
 * UTF-8 as Go sees it. The contract's bounds count bytes, and its reports replace every single invalid byte by U+FFFD (encoding/json),
 * where `TextDecoder` replaces whole truncated sequences and swallows a byte order mark: so this is written out.
 */

const REPLACEMENT = 0xfffd;

/** Bytes of `text` in UTF-8; a lone surrogate counts as U+FFFD, which is what encoding it gives. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(utf8Length(text));
  let at = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? REPLACEMENT;
    const code = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
    if (code < 0x80) out[at++] = code;
    else if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
      out[at++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      out[at++] = 0xe0 | (code >> 12);
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
      out[at++] = 0x80 | (code & 0x3f);
    } else {
      out[at++] = 0xf0 | (code >> 18);
      out[at++] = 0x80 | ((code >> 12) & 0x3f);
      out[at++] = 0x80 | ((code >> 6) & 0x3f);
      out[at++] = 0x80 | (code & 0x3f);
    }
  }
  return out;
}

/** Go's decoding: one U+FFFD for each byte that does not belong to a valid sequence. */
export function decodeUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const points: number[] = [];
  let text = '';
  for (let at = from; at < to; ) {
    const size = sequenceSize(bytes, at, to);
    points.push(size === 0 ? REPLACEMENT : codePoint(bytes, at, size));
    at += size === 0 ? 1 : size;
    if (points.length === 4096) {
      text += String.fromCodePoint(...points);
      points.length = 0;
    }
  }
  return text + String.fromCodePoint(...points);
}

/** Length of the valid sequence that starts at `at`, or 0 (Unicode table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF). */
function sequenceSize(bytes: Uint8Array, at: number, to: number): number {
  const size = expectedSize(bytes[at] ?? 0);
  if (size < 2 || at + size > to) return size === 1 ? 1 : 0;
  for (let i = 1; i < size; i++) if (!isValidFollower(bytes, at, i)) return 0;
  return size;
}

/** Bytes a sequence that begins with `lead` must have: 0 for a byte that begins none. */
function expectedSize(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function isValidFollower(bytes: Uint8Array, at: number, index: number): boolean {
  const lead = bytes[at] ?? 0;
  const byte = bytes[at + index] ?? 0;
  if (index > 1) return isContinuation(byte);
  if (lead === 0xe0) return byte >= 0xa0 && byte <= 0xbf;
  if (lead === 0xed) return byte >= 0x80 && byte <= 0x9f;
  if (lead === 0xf0) return byte >= 0x90 && byte <= 0xbf;
  if (lead === 0xf4) return byte >= 0x80 && byte <= 0x8f;
  return isContinuation(byte);
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  const lead = bytes[at] ?? 0;
  if (size === 1) return lead;
  let point = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) point = (point << 6) | ((bytes[at + i] ?? 0) & 0x3f);
  return point;
}

/** Go's `utf8.RuneStart`: any byte that is not a continuation. */
export function isRuneStart(byte: number): boolean {
  return !isContinuation(byte);
}

/**
 * Go's `utf8.FullRune`: whether the bytes begin with a whole sequence. One that is already known to be invalid counts as whole (a rune
 * of one wrong byte); only one that more bytes could still complete does not.
 */
export function isFullRune(bytes: Uint8Array, from: number, to: number): boolean {
  const size = expectedSize(bytes[from] ?? 0);
  if (from >= to) return false;
  if (size < 2 || to - from >= size) return true;
  for (let i = 1; i < to - from; i++) if (!isValidFollower(bytes, from, i)) return true;
  return false;
}

/** Go compares strings by their bytes; JavaScript by UTF-16 units, which differs beyond U+FFFF. */
export function compareByBytes(a: string, b: string): number {
  const left = encodeUtf8(a);
  const right = encodeUtf8(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
