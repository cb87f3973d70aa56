import { expect, it } from 'vitest';
import { scalarTag, YamlError } from '../../../src/aicr/go/yaml.ts';

// Here and below: outputs of gopkg.in/yaml.v3 v3.0.1 (Node.ShortTag).
it.each<[string, string[]]>([
  ['!!null', ['', '~', 'null', 'Null', 'NULL']],
  ['!!bool', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE']],
  ['!!int', ['0', '-1', '+12', '1_000', '0x1f', '0X1F', '0b101', '-0b101', '0o17', '012', '-017', '1__']],
  ['!!float', ['1.5', '-1.5', '1e3', '.5', '.5e3', '1_0.5', '08', '019', '1.', '1e308']],
  ['!!float', ['.inf', '-.Inf', '+.INF', '.nan', '.NaN', '.NAN']],
  ['!!timestamp', ['2026-01-01', '2026-1-1', '2024-02-29', '2000-02-29', '0000-02-29']],
  ['!!timestamp', ['2026-01-01T10:00:00Z', '2026-01-01t1:2:3Z', '2026-01-01T10:00:00.5+01:00', '2026-1-1 1:2:3,5']],
  ['!!merge', ['<<']],
  ['!!str', ['a', 'nulls', 'truE', 'yes', 'no', 'on', '1m', '5m0s', '1.2.3', '0xg', '2026-13', '-', '.', 'v1', '1 2']],
  ['!!str', ['x1', 'x-1', '_1', '1e400', '0b2', '0o8', '-_', '--1', '0x', '._5', '+.nan', 'toString']],
  ['!!str', ['2026-13-01', '2026-00-01', '2026-01-00', '2026-01-32', '2026-04-31', '2026-02-29', '1900-02-29']],
  ['!!str', ['02026-01-01', '2026-01-01x', '2026-01-01T10:00:00', '2026-01-01 10:00:00Z', '2026-01-01T24:00:00Z']],
  ['!!str', ['2026-01-01T1:60:00Z', '2026-01-01T1:00:60Z', '2026-01-01T10:00:00+25:00', '0001-02-29']],
])('gives a plain scalar the tag %s: %j', (tag, values) => {
  for (const value of values) expect([value, scalarTag(value, true, undefined)]).toEqual([value, tag]);
});

it('reads a quoted scalar as text, and keeps an explicit tag', () => {
  for (const value of ['', 'true', '1', '1.5', '<<', '2026-01-01'])
    expect(scalarTag(value, false, undefined)).toBe('!!str');
  expect(scalarTag('1', true, '!!str')).toBe('!!str');
});

it('reads a whole number of more than 64 bits as a float', () => {
  const tag = (value: string) => scalarTag(value, true, undefined);
  for (const value of [
    '18446744073709551615',
    '01777777777777777777777',
    '-9223372036854775808',
    '+9223372036854775807',
  ])
    expect(tag(value)).toBe('!!int');
  for (const value of ['18446744073709551616', '-9223372036854775809', '+9223372036854775808'])
    expect(tag(value)).toBe('!!float');
});

it('accepts an explicit tag that fits', () => {
  expect(scalarTag('1', true, '!!float')).toBe('!!float');
  expect(scalarTag('1', true, '!!int')).toBe('!!int');
  expect(scalarTag('1', false, '!!int')).toBe('!!int');
  expect(scalarTag('2026-01-01', false, '!!timestamp')).toBe('!!timestamp');
  expect(scalarTag('x', true, '!own')).toBe('!own');
  expect(scalarTag('x', true, '!!binary')).toBe('!!binary');
});

it.each([
  ['x', '!!int', '!!str'],
  ['1.5', '!!int', '!!float'],
  ['1', '!!bool', '!!int'],
  ['true', '!!float', '!!bool'],
  ['', '!!int', '!!null'],
  ['x', '!!null', '!!str'],
  ['1', '!!timestamp', '!!int'],
  ['2026-13-01', '!!timestamp', '!!str'],
  ['2026-01-01', '!!int', '!!str'],
])('refuses %j with the tag %s, since it is %s', (value, tag, found) => {
  const read = () => scalarTag(value, true, tag);
  expect(read).toThrow(YamlError);
  expect(read).toThrow(`yaml: cannot decode ${found} \`${value}\` as a ${tag}`);
});
