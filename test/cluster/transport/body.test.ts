import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readJson, readLines } from '../../../src/cluster/transport/body.ts';

async function* chunked(text: string, cuts: number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it('yields the same lines for any chunking of the bytes', async () => {
  const lines = fc.array(fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !text.includes('\n')));
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.array(fc.nat()),
      fc.string().filter((text) => !text.includes('\n')),
      async (kept, cuts, rest) => {
        const text = kept.map((line) => `${line}\n`).join('') + rest;
        expect(await all(readLines(chunked(text, cuts)))).toEqual(kept.map((line) => Buffer.from(line).toString()));
      },
    ),
  );
});

it('skips blank lines', async () => {
  expect(await all(readLines(chunked('\n\na\n\n', [])))).toEqual(['a']);
});

it('parses the same JSON for any chunking of the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.array(fc.nat()), async (value, cuts) => {
      const text = JSON.stringify(value);
      expect(await readJson(chunked(text, cuts))).toEqual(JSON.parse(text));
    }),
  );
});

it('rejects an answer that is larger than the limit', async () => {
  await expect(readJson(chunked('"123456789"', [3, 6]), 5)).rejects.toThrow('the answer is larger than 5 bytes');
});
