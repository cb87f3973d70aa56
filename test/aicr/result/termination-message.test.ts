import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, utf8Length } from '../../../src/aicr/go/utf8.ts';
import { boundTerminationBytes, boundTerminationMessage } from '../../../src/aicr/result/termination-message.ts';

describe('a termination message', () => {
  it('keeps at most 4096 bytes, splits no character, and counts the missing bytes', () => {
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

  it('is bounded in the same way as bytes and as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 3000, maxLength: 5000 }), (message) => {
        expect(decodeUtf8(boundTerminationBytes(encodeUtf8(message)))).toBe(
          boundTerminationMessage(message.toWellFormed()),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('drops at most one character at the cut, even if no byte begins a character', () => {
    const bounded = boundTerminationBytes(new Uint8Array(5000).fill(0x80));
    expect(bounded.subarray(0, 4096)).toEqual(new Uint8Array(4096).fill(0x80));
    expect(decodeUtf8(bounded, 4096)).toBe('... [truncated 904 bytes]');
  });
});
