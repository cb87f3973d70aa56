import { describe, expect, it } from 'vitest';
import { canonicalQuantity, isQuantity } from '../../../src/aicr/go/quantity.ts';

/** What k8s.io/apimachinery v0.34.4 (`resource.ParseQuantity`, `String`) makes of each, written down from a run of it. */
describe('a quantity is written as apimachinery writes it', () => {
  it.each([
    // Kept as it stands, its plus sign included, while it has at most 18 digits and nothing finer than a billionth …
    ['+123456789012345678', '+123456789012345678'],
    ['+123456789.123456789', '+123456789.123456789'],
    ['+1n', '+1n'],
    ['1e0', '1e0'],
    // … and rewritten from there on.
    ['+1234567890123456789', '1234567890123456789'],
    ['+1234567890.123456789', '1234567890123456789n'],
    ['0.5n', '1n'],
    ['1e-10', '1e-9'],
    ['-1e-10', '-1e-9'],
    ['1.00000000001', '1000000001n'],
    // An exponent of zero is not written.
    ['10e-1', '1'],
    ['1000e-3', '1'],
    ['12345678901234567890e0', '12345678901234567890'],
    // Binary ones are kept unless a multiple of eight, up to eleven digits for Ki.
    ['+1Ki', '+1Ki'],
    ['+8Ki', '8Ki'],
    ['+12345678901Ki', '+12345678901Ki'],
    ['+123456789012Ki', '123456789012Ki'],
    ['+1234567890123Ki', '1234567890123Ki'],
    // A fraction makes them numbers like others, binary again only if whole and at least 1024.
    ['1.0Ki', '1Ki'],
    ['-1.0Ki', '-1Ki'],
    ['0.9765625Ki', '1k'],
    ['-0.9765625Ki', '-1k'],
    ['0.0001Ki', '102400u'],
    ['1.0000000001Ki', '1024000000103n'],
    ['1.5E', '1500P'],
    // No zero has a sign.
    ['-0', '0'],
    ['-0.0000000000', '0'],
    ['+0', '0'],
    // An exponent has 64 bits when it is read, and 32 when it is used.
    ['1e-9223372036854775808', '1e-9223372036854775808'],
    ['1e9223372036854775807', '100e-3'],
    ['1e-4294967296', '1e-4294967296'],
  ])('%s: %s', (text, written) => expect(canonicalQuantity(text)).toBe(written));

  it.each([
    ['1e-9223372036854775809', "unable to parse quantity's suffix"],
    ['1e9223372036854775808', "unable to parse quantity's suffix"],
    ['e-10', 'unable to parse numeric part of quantity'],
    ['-e-10', 'unable to parse numeric part of quantity'],
    ['1+5', "unable to parse quantity's suffix"],
    ['1 5', 'quantities must match the regular expression'],
    ['1e5x', 'quantities must match the regular expression'],
  ])('%s is none: %s', (text, message) => expect(() => canonicalQuantity(text)).toThrow(message));
});

describe('a quantity costs no more than its length', () => {
  const zeros = '0'.repeat(100_000);

  it.each([
    ['many digits that are none in the end', `1${zeros}x`],
    ['a zero for each of many digits', `1${zeros}1`],
    ['a great exponent', '1.0000000000000000000e100000'],
    ['a small one', '1.0000000000000000000e-100000'],
  ])('%s', (_what, text) => {
    const began = performance.now();
    try {
      canonicalQuantity(text);
    } catch {
      // What it is worth does not matter here.
    }
    // By squares it took 18 seconds.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('and an exponent past all reason is refused where its digits would have to be written', () => {
    expect(canonicalQuantity(`1.${'0'.repeat(18)}e100000`)).toBe('10e99999');
    expect(() => canonicalQuantity(`1.${'0'.repeat(18)}e100001`)).toThrow('unable to parse numeric part of quantity');
  });
});

it('a fraction that is nothing does not round up what is too long for the short way', () => {
  expect(canonicalQuantity('1000000000000000000.0000000000')).toBe('1E');
});

it('an exponent ends where its digits do', () => expect(isQuantity('1e3x')).toBe(false));
