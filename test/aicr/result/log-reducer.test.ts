import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, utf8Length } from '../../../src/aicr/go/utf8.ts';
import { createLogReducer, reduceLog } from '../../../src/aicr/result/log-reducer.ts';
import { parseExtra, parseProvenance } from '../../../src/aicr/result/sentinels.ts';
import { boundTerminationBytes, boundTerminationMessage } from '../../../src/aicr/result/termination-message.ts';
import { logBytes, pieces, text } from '../arbitraries.ts';

/** The rule as contract.md tells it, on a log that is held whole: the reducer must never differ. */
function byTheRule(log: Buffer): string[] {
  const read = log.toString('latin1');
  if (read === '') return [];
  const lines = (read.endsWith('\n') ? read.slice(0, -1) : read).split('\n').map((line) => line.replace(/\r$/, ''));
  const kept = lines.filter((line) => !line.startsWith('##AICR-EXTRA## ') && !line.startsWith('##AICR-PROVENANCE## '));
  const trimmed = kept.join('\n').replace(/\n+$/, '').split('\n').slice(-1000);
  const bounded = trimmed.map((line) =>
    line.length > 512 ? `${line.slice(0, 512)}... [truncated ${line.length - 512} chars]` : line,
  );
  return bounded.map((line) => decodeUtf8(Buffer.from(line, 'latin1')));
}

const MIB = 1024 * 1024;

describe('a log', () => {
  it('is reduced by the rule, whole or in any pieces', () => {
    fc.assert(
      fc.property(logBytes, fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 5 }), (log, sizes) => {
        const reducer = createLogReducer();
        for (const piece of pieces(log, sizes)) reducer.push(piece);
        const result = reducer.end();
        expect(result.stdout).toEqual(byTheRule(log));
        expect(result).toEqual(reduceLog(log));
      }),
      { numRuns: 300 },
    );
  });

  it('never keeps more than 1000 lines, or 512 bytes of a line and its suffix', () => {
    fc.assert(
      fc.property(logBytes, (log) => {
        const reducer = createLogReducer();
        reducer.push(log);
        const lines = reducer.lines();
        expect(lines.length).toBeLessThanOrEqual(1000);
        for (const line of lines) {
          const suffix =
            /\.\.\. \[truncated [0-9]+ chars\]$/.exec(Buffer.from(line).toString('latin1'))?.[0].length ?? 0;
          expect(line.length - suffix).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('that is within the bounds is left as it is', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .filter((s) => !/[\n\r]/.test(s) && !s.startsWith('##AICR-'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (lines) => {
        const once = reduceLog(`${lines.join('\n')}\nend`).stdout;
        expect(once).toEqual([...lines, 'end']);
        expect(reduceLog(once.join('\n')).stdout).toEqual(once);
      }),
    );
  });

  it('never loses its lines to one that is too long for AICR, nor holds it', () => {
    const reducer = createLogReducer();
    reducer.push(Buffer.from('before\n'));
    for (let i = 0; i < 64; i++) reducer.push(Buffer.alloc(MIB, 'x'));
    reducer.push(Buffer.from('\nafter\n'));
    const { stdout } = reducer.end();
    expect(stdout).toEqual(['before', `${'x'.repeat(512)}... [truncated ${64 * MIB - 512} chars]`, 'after']);
  });

  it('takes a sentinel below 1 MiB, drops a longer one with a warning, and strips both', () => {
    const log = (bytes: number) => `##AICR-EXTRA## {"a":"${'x'.repeat(bytes - 23)}"}\nok\n`;
    expect(reduceLog(log(MIB - 1)).extra?.a).toHaveLength(MIB - 24);
    for (const bytes of [MIB, MIB + 1]) {
      const tooLong = reduceLog(log(bytes));
      expect(tooLong).toMatchObject({
        stdout: ['ok'],
        warnings: [{ attributes: { error: 'the line is 1 MiB or longer' } }],
      });
      expect(tooLong.extra).toBeUndefined();
    }
  });

  it('says nothing of what no sentinel said', () => {
    expect(reduceLog('a\n')).toStrictEqual({ stdout: ['a'], warnings: [] });
  });

  it('ends a line at both characters of a line break, also if they come one by one', () => {
    const reducer = createLogReducer();
    for (const piece of ['a\r', '\nb', '\r\n']) reducer.push(Buffer.from(piece));
    expect(reducer.end().stdout).toEqual(['a', 'b']);
  });

  it('keeps no more than a hundred warnings of a kind', () => {
    expect(reduceLog('##AICR-EXTRA## {\n'.repeat(5000)).warnings).toHaveLength(100);
  });

  it('keeps a byte order mark, a NUL and a lone carriage return inside a line', () => {
    expect(reduceLog('\ufeffa\0b\rc\n').stdout).toEqual(['\ufeffa\0b\rc']);
  });
});

describe('sentinels', () => {
  it('give back any map of strings', () => {
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

  it('give back any provenance', () => {
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

  it('never throw anything but an Error, whatever the bytes', () => {
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
    // Go ends its input with a space, which is no hexadecimal digit.
    ['{"a":"\\u00', "invalid character ' ' in \\u hexadecimal character escape"],
  ])('%j fails as in Go', (payload, message) => expect(() => parseExtra(encodeUtf8(payload))).toThrow(message));

  it.each([
    ['{"a":"1","a":"2"}', { a: '2' }],
    ['{"a":"\\ud83d\\ude00\\ud83d"}', { a: '😀\ufffd' }],
    [' \t\r\n{"a" : null } ', { a: '' }],
    ['{"a":"\\uABcf\\u0061\\n\\/"}', { a: '\uabcfa\n/' }],
    ['{ "a" : "b" , "c" : "d" }', { a: 'b', c: 'd' }],
    ['null', undefined],
    ['{}', undefined],
  ])('%j is read as in Go', (payload, extra) => expect(parseExtra(encodeUtf8(payload))).toEqual(extra));

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
  ])('the provenance %j is read as in Go', (payload, provenance) =>
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
  ])('the provenance %j fails as in Go', (payload, message) =>
    expect(() => parseProvenance(encodeUtf8(payload))).toThrow(message),
  );
});

describe('a termination message', () => {
  it('never splits a character, never keeps more than 4096 bytes, and says what went', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), minLength: 1000, maxLength: 6000 }),
        (message) => {
          const bounded = boundTerminationMessage(message);
          if (utf8Length(message) <= 4096) {
            expect(bounded).toBe(message);
            return;
          }
          const [, kept = '', gone] = /^(.*)\.\.\. \[truncated ([0-9]+) bytes\]$/s.exec(bounded) ?? [];
          expect(message.startsWith(kept)).toBe(true);
          expect(kept.isWellFormed()).toBe(true);
          expect(utf8Length(kept)).toBeLessThanOrEqual(4096);
          expect(utf8Length(kept)).toBeGreaterThan(4096 - 4);
          expect(utf8Length(kept) + Number(gone)).toBe(utf8Length(message));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is the same on bytes as on text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 3000, maxLength: 5000 }), (message) => {
        expect(decodeUtf8(boundTerminationBytes(encodeUtf8(message)))).toBe(
          boundTerminationMessage(message.toWellFormed()),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('takes at most one character back, also of bytes that begin none', () => {
    const bounded = boundTerminationBytes(new Uint8Array(5000).fill(0x80));
    expect(bounded.subarray(0, 4096)).toEqual(new Uint8Array(4096).fill(0x80));
    expect(decodeUtf8(bounded, 4096)).toBe('... [truncated 904 bytes]');
  });
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

  it('replaces each invalid byte for itself, as Go does and TextDecoder does not', () => {
    expect(decodeUtf8(Uint8Array.of(0x61, 0xe2, 0x82, 0x62, 0xff, 0xed, 0xa0, 0x80))).toBe(
      'a\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffd',
    );
  });
});
