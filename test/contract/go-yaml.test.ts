import { expect, it } from 'vitest';
import { scalarTag } from '../../src/contract/go-yaml.ts';

it.each<[string, string[]]>([
  ['!!null', ['', '~', 'null', 'Null', 'NULL']],
  ['!!bool', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE']],
  ['!!int', ['0', '-1', '+12', '1_000', '0x1f', '0b101', '0o17', '012']],
  ['!!float', ['1.5', '-1.5', '1e3', '.5', '.inf', '-.Inf', '+.INF', '.nan', '.NaN']],
  ['!!timestamp', ['2026-01-01', '2026-01-01T10:00:00Z']],
  ['!!merge', ['<<']],
  ['!!str', ['a', 'nulls', 'truE', 'yes', 'no', 'on', '1m', '5m0s', '1.2.3', '0xg', '2026-13', '-', '.', 'v1', '1 2']],
])('a plain scalar is %s: %j', (tag, values) => {
  for (const value of values) expect([value, scalarTag(value, true, undefined)]).toEqual([value, tag]);
});

it('a quoted scalar is text, whatever it looks like, and an explicit tag is believed', () => {
  for (const value of ['', 'true', '1', '1.5', '<<', '2026-01-01'])
    expect(scalarTag(value, false, undefined)).toBe('!!str');
  expect(scalarTag('1', true, '!!str')).toBe('!!str');
});

it('a whole number is one within 64 bits, and beyond them a float', () => {
  const tag = (value: string) => scalarTag(value, true, undefined);
  for (const value of ['18446744073709551615', '-9223372036854775808', '+9223372036854775807'])
    expect(tag(value)).toBe('!!int');
  for (const value of ['18446744073709551616', '-9223372036854775809', '+9223372036854775808'])
    expect(tag(value)).toBe('!!float');
});

it('an explicit tag has to fit', () => {
  expect(scalarTag('1', true, '!!float')).toBe('!!float');
  expect(scalarTag('1', true, '!!int')).toBe('!!int');
  expect(scalarTag('x', true, '!own')).toBe('!own');
  expect(() => scalarTag('x', true, '!!int')).toThrow('cannot decode !!str `x` as a !!int');
  expect(() => scalarTag('1.5', true, '!!int')).toThrow('cannot decode !!float `1.5` as a !!int');
});
