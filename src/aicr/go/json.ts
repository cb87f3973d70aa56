/**
 * Reads a sentinel's payload as Go's encoding/json does, errors included (docs/contract.md, section 8). `JSON.parse`
 * hides duplicate keys, and its errors differ. As in Go, the whole text is checked first and then decoded one level at
 * a time.
 */
import { goQuote } from './quote.ts';
import { decodeUtf8 } from './utf8.ts';

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'bool' | 'null';

/** A value inside a text that is known to be valid JSON. */
export interface JsonValue {
  kind: JsonKind;
  bytes: Uint8Array;
  from: number;
  to: number;
}

const MAX_DEPTH = 10_000;

const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Parses the bytes, which must contain exactly one value. Throws Go's syntax error. */
export function parseGoJson(bytes: Uint8Array): JsonValue {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  reader.space();
  if (reader.at < bytes.length) reader.fail('after top-level value');
  return value;
}

const ENDED_BY_BLANK = /^(in (?!string literal)|after decimal point)/;

class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Throws Go's error for the current byte, which Go shows as a Latin-1 character. At the end of the input, Go feeds
   * its scanner one more blank. If a blank is invalid there, Go's error names it; otherwise the end is unexpected.
   */
  fail(context: string): never {
    const byte = this.bytes[this.at];
    if (byte === undefined && !ENDED_BY_BLANK.test(context)) throw new Error('unexpected end of JSON input');
    throw new Error(`invalid character ${quoteByte(byte ?? BLANK)} ${context}`);
  }

  space(): void {
    while (isSpace(this.bytes[this.at])) this.at++;
  }

  /** Reads one value. The open brackets are in an explicit stack, because recursion would overflow the call stack. */
  value(depth: number): JsonValue {
    this.space();
    const from = this.at;
    const kind = kindOf(this.bytes[from]);
    const open: number[] = [];
    for (let pending = true; pending || open.length > 0; ) {
      if (pending) pending = this.begin(open, depth);
      else pending = this.proceed(open);
    }
    return { kind, bytes: this.bytes, from, to: this.at };
  }

  /** Reads a scalar, an empty container, or the beginning of a container. Returns whether another value must follow. */
  begin(open: number[], depth: number): boolean {
    this.space();
    const byte = this.bytes[this.at];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (open.length + depth >= MAX_DEPTH) throw new Error('exceeded max depth');
      this.at++;
      this.space();
      if (this.bytes[this.at] === closing(byte)) {
        this.at++;
        return false;
      }
      open.push(byte);
      if (byte === OPEN_OBJECT) this.key();
      return true;
    }
    if (byte === QUOTE) this.string();
    else if (byte === 0x2d || isDigit(byte)) this.number();
    else if (byte === 0x74) this.literal('true');
    else if (byte === 0x66) this.literal('false');
    else if (byte === 0x6e) this.literal('null');
    else this.fail('looking for beginning of value');
    return false;
  }

  /** Reads what follows a value in the innermost container. Returns whether another value must follow. */
  proceed(open: number[]): boolean {
    const container = open.at(-1) ?? 0;
    this.space();
    const byte = this.bytes[this.at];
    if (byte === closing(container)) {
      this.at++;
      open.pop();
      return false;
    }
    if (byte !== COMMA) this.fail(container === OPEN_OBJECT ? 'after object key:value pair' : 'after array element');
    this.at++;
    if (container === OPEN_OBJECT) this.key();
    return true;
  }

  key(): void {
    this.space();
    if (this.bytes[this.at] !== QUOTE) this.fail('looking for beginning of object key string');
    this.string();
    this.space();
    if (this.bytes[this.at] !== COLON) this.fail('after object key');
    this.at++;
  }

  string(): void {
    for (this.at++; ; this.at++) {
      const byte = this.bytes[this.at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20) this.fail('in string literal');
      if (byte === BACKSLASH) this.escape();
    }
    this.at++;
  }

  escape(): void {
    this.at++;
    const byte = this.bytes[this.at];
    if (byte === undefined || !'bfnrt\\/"u'.includes(String.fromCharCode(byte))) this.fail('in string escape code');
    if (byte !== 0x75) return;
    for (let digits = 0; digits < 4; digits++) {
      this.at++;
      if (!isHexDigit(this.bytes[this.at])) this.fail('in \\u hexadecimal character escape');
    }
  }

  number(): void {
    if (this.bytes[this.at] === 0x2d) this.at++;
    if (this.bytes[this.at] === 0x30) this.at++;
    else this.digits('in numeric literal');
    if (this.bytes[this.at] === 0x2e) {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    const exponent = this.bytes[this.at];
    if (exponent !== 0x65 && exponent !== 0x45) return;
    this.at++;
    const sign = this.bytes[this.at];
    if (sign === 0x2b || sign === 0x2d) this.at++;
    this.digits('in exponent of numeric literal');
  }

  digits(context: string): void {
    if (!isDigit(this.bytes[this.at])) this.fail(context);
    while (isDigit(this.bytes[this.at])) this.at++;
  }

  literal(word: string): void {
    for (const char of word) {
      if (this.bytes[this.at] !== char.charCodeAt(0)) this.fail(`in literal ${word} (expecting '${char}')`);
      this.at++;
    }
  }
}

/** The text of a JSON string. As in Go, a surrogate without its partner becomes U+FFFD. */
export function stringOf(value: JsonValue): string {
  return (JSON.parse(decodeUtf8(value.bytes, value.from, value.to)) as string).toWellFormed();
}

/** The members of an object in their order, duplicates included. */
export function* membersOf(value: JsonValue): Generator<[string, JsonValue]> {
  for (const reader of elements(value)) {
    const key = stringOf(reader.value(1));
    reader.space();
    reader.at++; // the colon
    yield [key, reader.value(1)];
  }
}

export function* itemsOf(value: JsonValue): Generator<JsonValue> {
  for (const reader of elements(value)) yield reader.value(1);
}

/** Yields a reader at the beginning of each element of an object or array. The caller reads the element. */
function* elements(value: JsonValue): Generator<Reader> {
  const reader = new Reader(value.bytes);
  reader.at = value.from + 1;
  for (reader.space(); reader.at < value.to - 1; reader.at++, reader.space()) {
    yield reader;
    reader.space(); // before a comma or the end
  }
}

function kindOf(byte: number | undefined): JsonKind {
  if (byte === OPEN_OBJECT) return 'object';
  if (byte === OPEN_ARRAY) return 'array';
  if (byte === QUOTE) return 'string';
  if (byte === 0x6e) return 'null';
  return byte === 0x74 || byte === 0x66 ? 'bool' : 'number';
}

function closing(open: number): number {
  return open === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function quoteByte(byte: number): string {
  const char = String.fromCharCode(byte);
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${goQuote(char).slice(1, -1)}'`;
}
