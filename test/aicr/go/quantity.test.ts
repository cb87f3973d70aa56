import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, isQuantity } from '../../../src/aicr/go/quantity.ts';

/** Outputs of k8s.io/apimachinery v0.34.4 (`resource.ParseQuantity`, `String`). */
describe('apimachinery’s form of a quantity', () => {
  it.each([
    // Kept, its plus sign included, if it has at most 18 digits and no part finer than a billionth.
    ['+123456789012345678', '+123456789012345678'],
    ['+123456789.123456789', '+123456789.123456789'],
    ['+1n', '+1n'],
    ['1e0', '1e0'],
    // Otherwise rewritten.
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
    // A binary number is kept unless it is a multiple of eight or has more than eleven digits (for Ki).
    ['+1Ki', '+1Ki'],
    ['+8Ki', '8Ki'],
    ['+12345678901Ki', '+12345678901Ki'],
    ['+123456789012Ki', '123456789012Ki'],
    ['+1234567890123Ki', '1234567890123Ki'],
    // A binary number with a fraction is written as binary only if it is whole and at least 1024.
    ['1.0Ki', '1Ki'],
    ['-1.0Ki', '-1Ki'],
    ['0.9765625Ki', '1k'],
    ['-0.9765625Ki', '-1k'],
    ['0.0001Ki', '102400u'],
    ['1.0000000001Ki', '1024000000103n'],
    ['1.5E', '1500P'],
    // Zero has no sign.
    ['-0', '0'],
    ['-0.0000000000', '0'],
    ['+0', '0'],
    // An exponent is read as 64 bits, and used as 32.
    ['1e-9223372036854775808', '1e-9223372036854775808'],
    ['1e9223372036854775807', '100e-3'],
    ['1e-4294967296', '1e-4294967296'],
  ])('writes %s as %s', (text, written) => expect(canonicalQuantity(text)).toBe(written));

  it.each([
    ['1e-9223372036854775809', "unable to parse quantity's suffix"],
    ['1e9223372036854775808', "unable to parse quantity's suffix"],
    ['e-10', 'unable to parse numeric part of quantity'],
    ['-e-10', 'unable to parse numeric part of quantity'],
    ['1+5', "unable to parse quantity's suffix"],
    ['1 5', 'quantities must match the regular expression'],
    ['1e5x', 'quantities must match the regular expression'],
  ])('refuses %s: %s', (text, message) => expect(() => canonicalQuantity(text)).toThrow(message));
});

describe('a quantity of 100,000 characters', () => {
  const zeros = '0'.repeat(100_000);

  it.each([
    ['many digits before an invalid suffix', `1${zeros}x`],
    ['many zeros inside the number', `1${zeros}1`],
    ['a large exponent', '1.0000000000000000000e100000'],
    ['a small exponent', '1.0000000000000000000e-100000'],
  ])('is read quickly: %s', (_what, text) => {
    const began = performance.now();
    try {
      canonicalQuantity(text);
    } catch {
      // The result does not matter here.
    }
    // With quadratic time, it took 18 seconds.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is refused if its exponent is larger than 100,000', () => {
    expect(canonicalQuantity(`1.${'0'.repeat(18)}e100000`)).toBe('10e99999');
    expect(() => canonicalQuantity(`1.${'0'.repeat(18)}e100001`)).toThrow('unable to parse numeric part of quantity');
  });
});

it('does not round up a long number whose fraction is zero', () => {
  expect(canonicalQuantity('1000000000000000000.0000000000')).toBe('1E');
});

it('refuses characters after an exponent', () => expect(isQuantity('1e3x')).toBe(false));

describe('quantities', () => {
  const quantity = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      fc.stringMatching(/^[0-9]{1,25}$/),
      fc.option(fc.stringMatching(/^[0-9]{0,12}$/), { nil: undefined }),
      fc.constantFrom(
        '',
        'n',
        'u',
        'm',
        'k',
        'M',
        'G',
        'T',
        'P',
        'E',
        'Ki',
        'Mi',
        'Gi',
        'Ti',
        'Pi',
        'Ei',
        'e3',
        'E-6',
        'e0',
      ),
    )
    .map(
      ([sign, whole, fraction, suffix]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${suffix}`,
    );

  it('do not change if they are written canonically twice', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        expect(canonicalQuantity(canonicalQuantity(text))).toBe(canonicalQuantity(text));
      }),
    );
  });

  it('keep their value when they are written canonically', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3'),
        (number, suffix) => {
          expect(thousandths(canonicalQuantity(`${number}${suffix}`))).toBe(thousandths(`${number}${suffix}`));
        },
      ),
    );
  });

  function thousandths(text: string): bigint {
    const [, number = '0', suffix = ''] = /^(-?[0-9]+)(.*)$/.exec(text) ?? [];
    const factors: Record<string, bigint> = {
      '': 1000n,
      m: 1n,
      k: 10n ** 6n,
      M: 10n ** 9n,
      G: 10n ** 12n,
      T: 10n ** 15n,
      Ki: 1000n << 10n,
      Mi: 1000n << 20n,
      Gi: 1000n << 30n,
      Ti: 1000n << 40n,
      e3: 10n ** 6n,
      e6: 10n ** 9n,
      e9: 10n ** 12n,
    };
    return BigInt(number) * (factors[suffix] ?? 0n);
  }

  it.each([
    ['2000m', '2'],
    ['1024Mi', '1Gi'],
    ['0.5', '500m'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1e3'],
    ['1e4', '10e3'],
    ['0', '0'],
    ['-1Gi', '-1Gi'],
    ['Gi', '0'],
    ['-', '0'],
    ['.', '0'],
    ['1.', '1.'],
    ['01', '01'],
    ['+1', '+1'],
    ['1.500', '1.500'],
    ['1000', '1k'],
    ['1500m', '1500m'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1000E', '1'],
    ['9223372036854775808', '9223372036854775808'],
    ['10Ei', '9223372036854775807'],
    ['0.5Ki', '512'],
    ['1.1Ki', '1126400m'],
    ['1e-3', '1e-3'],
  ])('are written canonically: %s: %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical));

  it.each([
    ['', 'quantities must match the regular expression'],
    ['1 ', 'quantities must match the regular expression'],
    ['1GB', 'quantities must match the regular expression'],
    ['1.2.3', 'quantities must match the regular expression'],
    ['1K', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"],
    ['1ee3', "unable to parse quantity's suffix"],
    ['1e99999999999999999999', "unable to parse quantity's suffix"],
    ['Ei', 'unable to parse numeric part of quantity'],
    ['1.0000000000000000000e2000000000', 'unable to parse numeric part of quantity'],
  ])('are refused: %j', (text, message) => {
    expect(() => canonicalQuantity(text)).toThrow(message);
    expect(isQuantity(text)).toBe(false);
  });
});
