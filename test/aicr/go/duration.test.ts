import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGoDuration, msToNs, nsToMs, parseGoDuration } from '../../../src/aicr/go/duration.ts';

const nanoseconds = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

it.each([
  ['9223372036854775807ns', 9223372036854775807n],
  ['-9223372036854775808ns', -9223372036854775808n],
  ['2562047h47m16.854775807s', 9223372036854775807n],
  ['+1.5us', 1_500n],
  ['.5ms', 500_000n],
  ['0.333333333333333333333333h', 1_200_000_000_000n],
  ['0.s', 0n],
  // Go drops the digits of a fraction that do not fit into 64 bits.
  ['0.1159210529588888756044h', 417_315_790_652n],
])('parses %s as %s nanoseconds', (text, ns) => expect(parseGoDuration(text)).toBe(ns));

it.each([
  [999n, '999ns'],
  [1_000n, '1µs'],
  [1_500n, '1.5µs'],
  [999_999n, '999.999µs'],
  [1_000_000n, '1ms'],
  [-1_000_000_000n, '-1s'],
  [60_000_000_000n, '1m0s'],
  [3_600_000_000_000n, '1h0m0s'],
])('writes %s nanoseconds as %s', (ns, text) => expect(formatGoDuration(ns)).toBe(text));

describe('durations', () => {
  it('stay the same if they are written and parsed, for every 64-bit number of nanoseconds', () => {
    fc.assert(
      fc.property(nanoseconds, (ns) => {
        expect(parseGoDuration(formatGoDuration(ns))).toBe(ns);
      }),
    );
    for (const ns of [0n, 1n, -1n, (1n << 63n) - 1n, -(1n << 63n)])
      expect(parseGoDuration(formatGoDuration(ns))).toBe(ns);
  });

  it('are the sum of their parts', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.constantFrom('h', 'm', 's', 'ms', 'us', 'µs', 'ns'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.boolean(), (parts, negative) => {
        const written = parts.map(([n, unit]) => `${n}${unit}`);
        const sum = written.map(parseGoDuration).reduce((total, ns) => total + ns, 0n);
        expect(parseGoDuration(`${negative ? '-' : '+'}${written.join('')}`)).toBe(negative ? -sum : sum);
      }),
    );
  });

  it('throw only Go’s errors', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.-+hmsuµn "\\é') }), (text) => {
        try {
          parseGoDuration(text);
        } catch (error) {
          expect((error as Error).message).toMatch(
            /^time: (invalid duration|missing unit in duration|unknown unit ".*" in duration) "/s,
          );
        }
      }),
    );
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1h ', 'time: unknown unit "h " in duration "1h "'],
    ['é"', 'time: invalid duration "\\xc3\\xa9\\""'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['1toString', 'time: unknown unit "toString" in duration "1toString"'],
    ['1-1s', 'time: unknown unit "-" in duration "1-1s"'],
    ['9223372036854775807ns1ns', 'time: invalid duration "9223372036854775807ns1ns"'],
    ['-9223372036854775808ns1ns', 'time: invalid duration "-9223372036854775808ns1ns"'],
    ['-9223372036854775809ns', 'time: invalid duration "-9223372036854775809ns"'],
    ['2562048h1x', 'time: invalid duration "2562048h1x"'],
    // A number that is too large is refused before its unit is read.
    ['9223372036854775808', 'time: missing unit in duration "9223372036854775808"'],
    ['9223372036854775809', 'time: invalid duration "9223372036854775809"'],
    ['1\\', 'time: unknown unit "\\\\" in duration "1\\\\"'],
    ['1\n', 'time: unknown unit "\\x0a" in duration "1\\x0a"'],
    ['1\u0080', 'time: unknown unit "\\xc2\\x80" in duration "1\\xc2\\x80"'],
    ['1\u007f', 'time: unknown unit "\u007f" in duration "1\u007f"'],
    ['1 ', 'time: unknown unit " " in duration "1 "'],
  ])('are refused with Go’s error: %j: %s', (text, message) => expect(() => parseGoDuration(text)).toThrow(message));

  it.each([
    ['0', '0s'],
    ['1.5h', '1h30m0s'],
    ['.5s', '500ms'],
    ['1.s', '1s'],
    ['1500us', '1.5ms'],
    ['1.0000000001s', '1s'],
    ['-0.000000001s', '-1ns'],
    ['1h1ms', '1h0m0.001s'],
    ['0.3333333333333333333h', '20m0s'],
  ])('have a canonical form: %s: %s', (text, canonical) =>
    expect(formatGoDuration(parseGoDuration(text))).toBe(canonical),
  );

  it('convert to milliseconds and back', () => {
    fc.assert(
      fc.property(fc.integer(), (ms) => {
        expect(nsToMs(msToNs(ms))).toBe(ms);
      }),
    );
    expect(nsToMs(1_500_000n)).toBe(1.5);
  });
});
