import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareByBytes, decodeUtf8, encodeUtf8, isFullRune, utf8Length } from '../../../src/aicr/go/utf8.ts';
import { text } from '../arbitraries.ts';

const BAD = '\ufffd';

/** The first and the last code point of each length, and those next to the surrogates. */
const EDGES = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0x10ffff];

it.each(EDGES)('encodes and decodes the code point %s', (point) => {
  const text = `a${String.fromCodePoint(point)}z`;
  expect([...encodeUtf8(text)]).toEqual([...Buffer.from(text)]);
  expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  expect(decodeUtf8(encodeUtf8(text))).toBe(text);
});

it.each(['\ud800', '\udbff', '\udc00', '\udfff', '\ud800x', '\udc00\ud800', '\ud800\ue000', '\udbff\udbff\udfff'])(
  'half a surrogate pair is U+FFFD: %j',
  (text) => {
    expect([...encodeUtf8(text)]).toEqual([...Buffer.from(text)]);
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  },
);

it('keeps a byte order mark', () => {
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
});

it('decodes only the given part of the bytes', () => {
  const bytes = encodeUtf8('aé€z');
  expect(decodeUtf8(bytes, 1, 6)).toBe('é€');
  expect(decodeUtf8(bytes, 2, 5)).toBe(BAD.repeat(3));
  expect(isFullRune(bytes, 3, 6)).toBe(true);
  expect(isFullRune(bytes, 3, 5)).toBe(false);
});

// Go writes one U+FFFD for each byte that is not part of a character, browsers one for several bytes.
it.each<[number[], string]>([
  [[0xc1, 0x80], BAD + BAD],
  [[0xc2, 0x80], '\u0080'],
  [[0xdf, 0xbf], '\u07ff'],
  [[0xe0, 0x9f, 0x80], BAD.repeat(3)],
  [[0xe0, 0xa0, 0x80], '\u0800'],
  [[0xe0, 0xbf, 0xbf], '\u0fff'],
  [[0xe0, 0xc0, 0x80], BAD.repeat(3)],
  [[0xed, 0x9f, 0xbf], '\ud7ff'],
  [[0xed, 0x80, 0x80], '\ud000'],
  [[0xed, 0x7f, 0x80], `${BAD}\u007f${BAD}`],
  [[0xed, 0xa0, 0x80], BAD.repeat(3)],
  [[0xf0, 0x8f, 0x80, 0x80], BAD.repeat(4)],
  [[0xf0, 0x90, 0x80, 0x80], '\u{10000}'],
  [[0xf0, 0xbf, 0xbf, 0xbf], '\u{3ffff}'],
  [[0xf0, 0xc0, 0x80, 0x80], BAD.repeat(4)],
  [[0xf4, 0x80, 0x80, 0x80], '\u{100000}'],
  [[0xf4, 0x7f, 0x80, 0x80], `${BAD}\u007f${BAD}${BAD}`],
  [[0xf4, 0x8f, 0xbf, 0xbf], '\u{10ffff}'],
  [[0xf4, 0x90, 0x80, 0x80], BAD.repeat(4)],
  [[0xf5, 0x80, 0x80, 0x80], BAD.repeat(4)],
  [[0xe2, 0x82, 0xc0], BAD.repeat(3)],
  [[0xe2, 0x7f, 0x80], `${BAD}\u007f${BAD}`],
  [[0x61, 0xe2, 0x82], `a${BAD}${BAD}`],
  [[0xff, 0x61], `${BAD}a`],
  [[0xe0, 0xa0, 0x61], `${BAD}${BAD}a`],
  [[0xf0, 0x9f, 0x98, 0x61], `${BAD.repeat(3)}a`],
  [[0xe2, 0x82, 0x61, 0xc3, 0xa9, 0xff], `${BAD}${BAD}aé${BAD}`],
])('decodes %j as Go does', (bytes, text) => expect(decodeUtf8(Uint8Array.from(bytes))).toBe(text));

it.each<[number[], boolean]>([
  [[], false],
  [[0x61], true],
  [[0x80], true],
  [[0xc2], false],
  [[0xc2, 0x80], true],
  [[0xe2], false],
  [[0xe2, 0x82], false],
  [[0xe2, 0xc0], true],
  [[0xe0, 0x9f], true],
  [[0xe2, 0x82, 0xac], true],
  [[0xf0, 0x9f, 0x98], false],
  [[0xf0, 0x9f, 0x98, 0x80], true],
  [[0xf5], true],
  [[0xef, 0xbb, 0xbf], true],
])('detects whether %j begins with a whole character: %s', (bytes, full) => {
  expect(isFullRune(Uint8Array.from(bytes), 0, bytes.length)).toBe(full);
});

it('orders texts by their bytes', () => {
  expect(compareByBytes('a', 'ab')).toBeLessThan(0);
  expect(compareByBytes('ab', 'a')).toBeGreaterThan(0);
  expect(compareByBytes('ab', 'ab')).toBe(0);
  expect(compareByBytes('b', 'ab')).toBeGreaterThan(0);
  expect(compareByBytes('a', 'a\0')).toBeLessThan(0);
  expect(compareByBytes('a\0', 'a')).toBeGreaterThan(0);
  expect(compareByBytes('\uffff', '\u{10000}')).toBeLessThan(0);
});

it('orders any two texts like their bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareByBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

describe('UTF-8', () => {
  it('agrees with the platform on every well-formed text', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(Buffer.from(encodeUtf8(value))).toEqual(Buffer.from(value));
        expect(utf8Length(value)).toBe(Buffer.byteLength(value));
        expect(decodeUtf8(encodeUtf8(value))).toBe(value.toWellFormed());
      }),
    );
  });

  it('replaces each invalid byte, unlike TextDecoder', () => {
    expect(decodeUtf8(Uint8Array.of(0x61, 0xe2, 0x82, 0x62, 0xff, 0xed, 0xa0, 0x80))).toBe(
      'a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd',
    );
  });
});
