import { expect, it } from 'vitest';
import { warningText } from '../../src/aicr/warning.ts';

it('orders a warning’s attributes by name', () => {
  expect(warningText({ message: 'm', attributes: { b: 1, a: 'x' } })).toBe('m a="x" b=1');
});
