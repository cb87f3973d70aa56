import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../src/aicr/go/utf8.ts';
import { parseExtra, parseProvenance } from '../../../src/aicr/result/sentinels.ts';
import { text } from '../arbitraries.ts';
import { reduceLog } from './reduce-log.ts';

describe('sentinels', () => {
  it('may contain any map of strings', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text, { minKeys: 1 }), (extra) => {
        expect(parseExtra(encodeUtf8(JSON.stringify(extra)))).toEqual({ ...extra });
        expect(reduceLog(`x\n##AICR-EXTRA## ${JSON.stringify(extra)}\n`)).toMatchObject({
          stdout: ['x'],
          extra: { ...extra },
        });
      }),
    );
  });

  it('may contain any provenance', () => {
    const digest = fc.string({ minLength: 1 });
    const paths = fc.array(text, { minLength: 1, maxLength: 4 });
    const record = fc.record(
      { shippedDigest: digest, derivedDigest: digest, overriddenPaths: paths, inheritedPaths: paths },
      { requiredKeys: ['shippedDigest', 'derivedDigest'] },
    );
    fc.assert(
      fc.property(record, (provenance) => {
        expect(parseProvenance(encodeUtf8(JSON.stringify(provenance)))).toEqual({ ...provenance });
      }),
    );
  });

  it('throw only plain Errors, for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(encodeUtf8),
          fc.json().map((json) => encodeUtf8(json.slice(0, -1))),
        ),
        (bytes) => {
          for (const parse of [parseExtra, parseProvenance]) {
            try {
              parse(bytes);
            } catch (error) {
              expect((error as Error).constructor).toBe(Error);
            }
          }
        },
      ),
    );
  });

  it.each([
    ['{"a":"1"}x', "invalid character 'x' after top-level value"],
    ['', 'unexpected end of JSON input'],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":"\t"}', "invalid character '\\t' in string literal"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":{"b":1}}', 'json: cannot unmarshal object into Go value of type string'],
    ['{"a":1,"a":"x"}', 'json: cannot unmarshal number into Go value of type string'],
    ['"x"', 'json: cannot unmarshal string into Go value of type map[string]string'],
    ['nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['['.repeat(10_001), 'exceeded max depth'],
    ...['-1', '0', '10.5e+3', '1E-2', '0e5'].map((number): [string, string] => [
      `{"a":${number}}`,
      'json: cannot unmarshal number into Go value of type string',
    ]),
    ['{"a":false}', 'json: cannot unmarshal bool into Go value of type string'],
    ['{"a":[ ]}', 'json: cannot unmarshal array into Go value of type string'],
    ['{"a":-x}', "invalid character 'x' in numeric literal"],
    ['{"a":1.x}', "invalid character 'x' after decimal point in numeric literal"],
    ['{"a":1ex}', "invalid character 'x' in exponent of numeric literal"],
    ['{"a":1e+x}', "invalid character 'x' in exponent of numeric literal"],
    ['{"a":1e-}', "invalid character '}' in exponent of numeric literal"],
    ['{"a":[1 2]}', "invalid character '2' after array element"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ['{"a":"\\u12`4"}', "invalid character '`' in \\u hexadecimal character escape"],
    ['{"a":fx}', "invalid character 'x' in literal false (expecting 'a')"],
    ['{"a":\'x\'}', "invalid character '\\'' looking for beginning of value"],
    ['{"a":"b" "c"}', `invalid character '"' after object key:value pair`],
    ['{"a":"b"', 'unexpected end of JSON input'],
    ['{"a":"b', 'unexpected end of JSON input'],
    // Go appends a space to its input, and a space is not a hexadecimal digit.
    ['{"a":"\\u00', "invalid character ' ' in \\u hexadecimal character escape"],
  ])('fail as in Go: %j', (payload, message) => expect(() => parseExtra(encodeUtf8(payload))).toThrow(message));

  it.each([
    ['{"a":"1","a":"2"}', { a: '2' }],
    ['{"a":"\\ud83d\\ude00\\ud83d"}', { a: '😀\ufffd' }],
    [' \t\r\n{"a" : null } ', { a: '' }],
    ['{"a":"\\uABcf\\u0061\\n\\/"}', { a: '\uabcfa\n/' }],
    ['{ "a" : "b" , "c" : "d" }', { a: 'b', c: 'd' }],
    ['null', undefined],
    ['{}', undefined],
  ])('are read as in Go: %j', (payload, extra) => expect(parseExtra(encodeUtf8(payload))).toEqual(extra));

  it.each([
    ['{"SHIPPEDDIGEST":"1","derivedDigeſt":"2","more":[1]}', { shippedDigest: '1', derivedDigest: '2' }],
    [
      '{"shippedDigest":"1","derivedDigest":"2","overriddenPaths":["a","b"],"overriddenPaths":[null,"c","d"]}',
      { shippedDigest: '1', derivedDigest: '2', overriddenPaths: ['a', 'c', 'd'] },
    ],
    [
      '{"shippedDigest":"1","derivedDigest":"2","inheritedPaths":[],"overriddenPaths":null}',
      { shippedDigest: '1', derivedDigest: '2' },
    ],
    ['{"shippedDigest":"1","derivedDigest":null}', undefined],
    ['{"shippedDigest":"1"}', undefined],
    ['{"derivedDigest":"2"}', undefined],
    [
      '{"shippedDigest":"1","derivedDigest":"2","inheritedPaths":[null,"x"]}',
      { shippedDigest: '1', derivedDigest: '2', inheritedPaths: ['', 'x'] },
    ],
    ['null', undefined],
  ])('are read as in Go: the provenance %j', (payload, provenance) =>
    expect(parseProvenance(encodeUtf8(payload))).toEqual(provenance),
  );

  it.each([
    ['[]', 'json: cannot unmarshal array into Go value of type ctrf.RuntimeProvenance'],
    [
      '{"overriddenPaths":"x"}',
      'json: cannot unmarshal string into Go struct field RuntimeProvenance.overriddenPaths of type []string',
    ],
    [
      '{"inheritedPaths":[true]}',
      'json: cannot unmarshal bool into Go struct field RuntimeProvenance.inheritedPaths of type string',
    ],
  ])('fail as in Go: the provenance %j', (payload, message) =>
    expect(() => parseProvenance(encodeUtf8(payload))).toThrow(message),
  );
});
