/**
 * Parses and writes Go durations (`time.ParseDuration`, `Duration.String`), the form of a catalog's `timeout` and of
 * AICR_CHECK_TIMEOUT. A duration is a signed 64-bit number of nanoseconds, so it is a bigint here.
 */

import { encodeUtf8 } from './utf8.ts';

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5, micro sign
  μs: 1_000n, // U+03BC, Greek mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** A duration's numbers and units, without a sign and without Go's bare `0`: for the patterns of JSON Schemas. */
export const DURATION_TERMS = `(([0-9]+\\.?[0-9]*|\\.[0-9]+)(${Object.keys(UNITS).join('|')}))+`;

/** 1 << 63: one more than the longest duration, and the magnitude of the most negative one. */
const LIMIT = 1n << 63n;

export const NS_PER_MS = 1_000_000n;
export const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MINUTE = 60n * NS_PER_SECOND;

export function msToNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** Milliseconds with their fraction: `1.5ms` is 1.5. */
export function nsToMs(ns: bigint): number {
  return Number(ns) / 1e6;
}

/** Parses a duration to nanoseconds. Throws Go's error for a text that Go does not parse. */
export function parseGoDuration(text: string): bigint {
  const invalid = () => new Error(`time: invalid duration ${quote(text)}`);
  const negative = text.startsWith('-');
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();

  let total = 0n;
  while (rest !== '') {
    const [, digits = '', point, fraction = ''] = /^([0-9]*)(\.?)([0-9]*)/.exec(rest) ?? [];
    if (digits === '' && fraction === '') throw invalid();
    const whole = leadingInteger(digits);
    if (whole === undefined) throw invalid();
    rest = rest.slice(digits.length + (point ?? '').length + fraction.length);

    const name = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (name === '') throw new Error(`time: missing unit in duration ${quote(text)}`);
    rest = rest.slice(name.length);
    const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
    if (unit === undefined) throw new Error(`time: unknown unit ${quote(name)} in duration ${quote(text)}`);

    total += whole * unit + fractionOf(fraction, unit);
    if (total > LIMIT) throw invalid();
  }
  if (!negative && total >= LIMIT) throw invalid();
  return negative ? -total : total;
}

/** The digits as a number, or undefined past 1 << 63. */
function leadingInteger(digits: string): bigint | undefined {
  const value = BigInt(digits);
  return value > LIMIT ? undefined : value;
}

/** Multiplies the fraction in floating point and drops digits that do not fit, so that the result is Go's. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/**
 * Go's quoting in these errors, which is not `%q`: it escapes quotes and backslashes, and writes every byte outside
 * printable ASCII as \xNN.
 */
function quote(text: string): string {
  let out = '"';
  for (const char of text.toWellFormed()) {
    const point = char.codePointAt(0) ?? 0;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (point >= 0x20 && point < 0x80) out += char;
    else for (const byte of encodeUtf8(char)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${out}"`;
}

/** Writes a duration as Go's `Duration.String`: `1h0m1.5s` from one second up, one smaller unit below it. */
export function formatGoDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const value = ns < 0n ? -ns : ns;
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < NS_PER_MS) return `${sign}${decimal(value, 1_000n)}µs`;
  if (value < NS_PER_SECOND) return `${sign}${decimal(value, NS_PER_MS)}ms`;
  const minutes = value / NS_PER_MINUTE;
  const seconds = `${decimal(value % NS_PER_MINUTE, NS_PER_SECOND)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value / unit` as an exact decimal without trailing zeros. */
function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
