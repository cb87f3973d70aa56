/**
 * Reads and writes Kubernetes quantities as apimachinery's `resource.ParseQuantity` and `Quantity.String` do (package
 * pkg/api/resource). A text that apimachinery considers canonical is kept, such as `1500m`, `01` or `1.500`. Any other
 * is rewritten.
 */

/**
 * Unlike apimachinery's expression, this one has no suffix that begins with a digit. If a digit could belong to either
 * of two parts, matching would take time quadratic in the text's length.
 */
const FORMAT = /^([+-]?)([0-9]*)(?:\.([0-9]*))?((?:[eEinumkKMGTP]+[-+]?|[-+])[0-9]*|)$/;
const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NUMERIC_WRONG = 'unable to parse numeric part of quantity';
const SUFFIX_WRONG = "unable to parse quantity's suffix";

type Format = 'decimal' | 'exponent' | 'binary';

interface Suffix {
  base: 2 | 10;
  exponent: number;
  format: Format;
}

/** The magnitude `unscaled * 10^exponent`. */
interface Amount {
  unscaled: bigint;
  exponent: number;
}

const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const MAX_INT64 = (1n << 63n) - 1n;
/** Digits that an int64 always holds: apimachinery's limit for its fast path. */
const MAX_DIGITS = 18;
const NANO = -9;
/** Far beyond any cluster. Without a limit, a text of a few characters could produce gigabytes of digits. */
const MAX_EXPONENT = 100_000;

/** The quantity as Kubernetes writes it. Throws apimachinery's error for a text that is not a quantity. */
export function canonicalQuantity(text: string): string {
  const match = text === '' ? null : FORMAT.exec(text);
  if (match === null) throw new Error(FORMAT_WRONG);
  const [, sign = '', digits = '', fraction = '', suffixText = ''] = match;
  const suffix = parseSuffix(suffixText);
  const number: Digits = { negative: sign === '-', whole: digits.replace(/^0+/, '') || '0', fraction };
  return fastPath(text, number, suffix) ?? slowPath(text.slice(0, text.length - suffixText.length), number, suffix);
}

/** Whether Kubernetes accepts the text as a quantity. */
export function isQuantity(text: string): boolean {
  try {
    canonicalQuantity(text);
    return true;
  } catch {
    return false;
  }
}

interface Digits {
  negative: boolean;
  whole: string;
  fraction: string;
}

function parseSuffix(text: string): Suffix {
  if (Object.hasOwn(DECIMAL, text)) return { base: 10, exponent: DECIMAL[text] ?? 0, format: 'decimal' };
  if (Object.hasOwn(BINARY, text)) return { base: 2, exponent: BINARY[text] ?? 0, format: 'binary' };
  if (!/^[eE][-+]?[0-9]+$/.test(text)) throw new Error(SUFFIX_WRONG);
  const value = BigInt(text.slice(1).replace('+', ''));
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) throw new Error(SUFFIX_WRONG);
  return { base: 10, exponent: Number(BigInt.asIntN(32, value)), format: 'exponent' };
}

/**
 * For numbers that fit an int64: exact, and the text itself if apimachinery keeps it. Undefined for any other number.
 */
function fastPath(text: string, number: Digits, suffix: Suffix): string | undefined {
  const binary = suffix.format === 'binary';
  const exponent = (binary ? 0 : suffix.exponent) - number.fraction.length;
  if (digitsLeft(number, suffix) < 0 || exponent < NANO) return undefined;
  const shifted = number.whole + number.fraction;
  const value = BigInt(shifted);
  const kept = binary
    ? (value & 7n) !== 0n
    : exponent % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
  if (kept) return text;
  const unscaled = binary ? value << BigInt(suffix.exponent) : value;
  return canonicalText(number.negative, { unscaled, exponent }, suffix.format);
}

/** How many more decimal digits would fit the fast path. Below zero, the number takes the slow path. */
function digitsLeft(number: Digits, suffix: Suffix): number {
  if (suffix.format !== 'binary') return MAX_DIGITS - number.whole.length - number.fraction.length;
  if (number.fraction !== '') return -1;
  return 15 - number.whole.length - Math.trunc((suffix.exponent * 3) / 10) - 1;
}

/**
 * For all other numbers: rounded up, away from zero, to a billionth. Binary numbers are capped at the greatest int64.
 */
function slowPath(numeric: string, number: Digits, suffix: Suffix): string {
  if (!/[0-9]/.test(numeric)) throw new Error(NUMERIC_WRONG);
  if (Math.abs(suffix.exponent) > MAX_EXPONENT) throw new Error(NUMERIC_WRONG);
  let unscaled = BigInt(number.whole + number.fraction);
  let exponent = -number.fraction.length;
  if (suffix.base === 10) exponent += suffix.exponent;
  else unscaled <<= BigInt(suffix.exponent);

  let amount = roundUp({ unscaled, exponent }, NANO);
  const greatest = MAX_INT64 * 10n ** BigInt(-NANO);
  if (suffix.format === 'binary' && amount.unscaled > greatest) amount = { unscaled: MAX_INT64, exponent: 0 };
  return canonicalText(number.negative, amount, suffix.format);
}

/** The same value at the given exponent, rounded up if that loses digits. */
function roundUp(amount: Amount, exponent: number): Amount {
  const shift = amount.exponent - exponent;
  if (shift >= 0) return { unscaled: amount.unscaled * 10n ** BigInt(shift), exponent };
  const divisor = 10n ** BigInt(-shift);
  const quotient = amount.unscaled / divisor;
  const isExact = amount.unscaled % divisor === 0n;
  return { unscaled: isExact ? quotient : quotient + 1n, exponent };
}

/**
 * apimachinery's `CanonicalizeBytes`. The exponent becomes divisible by three; a binary number that is whole and at
 * least 1024 gets a power of 1024.
 */
function canonicalText(negative: boolean, amount: Amount, format: Format): string {
  if (amount.unscaled === 0n) return '0';
  const whole = format === 'binary' ? wholeOf(amount) : undefined;
  const magnitude =
    whole !== undefined && whole >= 1024n ? binaryText(whole) : decimalText(amount, format === 'exponent');
  return negative ? `-${magnitude}` : magnitude;
}

/** The amount as a whole number; undefined if it has a fraction. */
function wholeOf({ unscaled, exponent }: Amount): bigint | undefined {
  const one = 10n ** BigInt(-exponent);
  return unscaled % one === 0n ? unscaled / one : undefined;
}

function binaryText(value: bigint): string {
  let rest = value;
  let power = 0;
  for (; rest % 1024n === 0n; power += 10) rest /= 1024n;
  return rest + suffixOf(BINARY, power);
}

/** Counts zeros in the text, since dividing by ten repeatedly takes seconds for the longest numbers. */
function decimalText({ unscaled, exponent }: Amount, scientific: boolean): string {
  const text = unscaled.toString();
  let end = text.length;
  while (text[end - 1] === '0') end--;
  const shifted = exponent + text.length - end;
  const zeros = ((shifted % 3) + 3) % 3;
  const digits = text.slice(0, end) + '0'.repeat(zeros);
  if (!scientific) return digits + suffixOf(DECIMAL, shifted - zeros);
  return shifted === zeros ? digits : `${digits}e${shifted - zeros}`;
}

/** The suffix for an exponent; empty if there is none, as in apimachinery, which writes `1000E` as `1`. */
function suffixOf(suffixes: Record<string, number>, exponent: number): string {
  return Object.keys(suffixes).find((name) => suffixes[name] === exponent) ?? '';
}
