import { expect, it } from 'vitest';
import { goQuote } from '../../../src/aicr/go/quote.ts';

it('quotes as Go’s %q does', () => {
  expect(goQuote('\u0080\uffff')).toBe('"\\u0080\\uffff"');
  expect(goQuote('a"\\\n\t\x00\x7fü\u00a0\u200b😀\u{e0001}\ud800')).toBe(
    '"a\\"\\\\\\n\\t\\x00\\x7fü\\u00a0\\u200b😀\\U000e0001\ufffd"',
  );
});
