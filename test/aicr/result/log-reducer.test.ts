import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../../src/aicr/go/utf8.ts';
import { createLogReducer } from '../../../src/aicr/result/log-reducer.ts';
import { logBytes, pieces } from '../arbitraries.ts';
import { reduceLog } from './reduce-log.ts';

/** Applies the rules of docs/contract.md, section 8, to a whole log. The reducer must give the same. */
function reducedWhole(log: Buffer): string[] {
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
  it('is reduced to the same lines whether it arrives whole or in pieces', () => {
    fc.assert(
      fc.property(logBytes, fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 5 }), (log, sizes) => {
        const reducer = createLogReducer();
        for (const piece of pieces(log, sizes)) reducer.push(piece);
        const result = reducer.end();
        expect(result.stdout).toEqual(reducedWhole(log));
        expect(result).toEqual(reduceLog(log));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps at most 1000 lines, and at most 512 bytes of a line plus the suffix', () => {
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

  it('is kept whole if it is within the limits', () => {
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

  it('keeps the other lines if one is too long for AICR, and does not hold that line', () => {
    const reducer = createLogReducer();
    reducer.push(Buffer.from('before\n'));
    for (let i = 0; i < 64; i++) reducer.push(Buffer.alloc(MIB, 'x'));
    reducer.push(Buffer.from('\nafter\n'));
    const { stdout } = reducer.end();
    expect(stdout).toEqual(['before', `${'x'.repeat(512)}... [truncated ${64 * MIB - 512} chars]`, 'after']);
  });

  it('loses all sentinel lines, of which those below 1 MiB are parsed and longer ones dropped with a warning', () => {
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

  it('gives no extra and no provenance without a sentinel', () => {
    expect(reduceLog('a\n')).toStrictEqual({ stdout: ['a'], warnings: [] });
  });

  it('ends a line at CRLF, even if the two characters arrive separately', () => {
    const reducer = createLogReducer();
    for (const piece of ['a\r', '\nb', '\r\n']) reducer.push(Buffer.from(piece));
    expect(reducer.end().stdout).toEqual(['a', 'b']);
  });

  it('gives at most a hundred warnings of a kind', () => {
    expect(reduceLog('##AICR-EXTRA## {\n'.repeat(5000)).warnings).toHaveLength(100);
  });

  it('keeps a byte order mark, a NUL and a lone carriage return inside a line', () => {
    expect(reduceLog('\ufeffa\0b\rc\n').stdout).toEqual(['\ufeffa\0b\rc']);
  });
});
