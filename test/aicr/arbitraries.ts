/** Shared generators for the property tests. */
import fc from 'fast-check';

/** Any well-formed text, including control characters and characters of one to four bytes in UTF-8. */
export const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'b', ' ', '\t', '"', '\\', 'é', '€', '😀', '\u0000'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** Bytes of a log, including lines of all lengths, invalid UTF-8, carriage returns and sentinels. */
export const logBytes = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ maxLength: 40 }).map((line) => Buffer.from(line)) },
      { weight: 2, arbitrary: fc.constantFrom('', '', '\r', '\r\r', 'x\r').map((line) => Buffer.from(line)) },
      { weight: 1, arbitrary: fc.integer({ min: 505, max: 530 }).map((n) => Buffer.alloc(n, 'é')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            '##AICR-EXTRA## {"a":"1"}',
            '##AICR-EXTRA## {',
            '##AICR-EXTRA##',
            '##AICR-PROVENANCE## {"shippedDigest":"1","derivedDigest":"2"}',
          )
          .map((line) => Buffer.from(line)),
      },
      { weight: 1, arbitrary: fc.integer({ min: 990, max: 1010 }).map((n) => Buffer.from('l\n'.repeat(n))) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }).map((n) => Buffer.from('\n'.repeat(n))) },
    ),
    { maxLength: 12 },
  )
  .chain((lines) =>
    fc
      .boolean()
      .map((ended) =>
        Buffer.concat([
          ...lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\n'), line])),
          Buffer.from(ended ? '\n' : ''),
        ]),
      ),
  );

/** Splits the bytes into pieces of these sizes, which are used in turn. */
export function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}
