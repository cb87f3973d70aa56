import { expect, it } from 'vitest';
import { warningText } from '../../src/aicr/warning.ts';

it('lists a warning’s attributes in the order of their names', () => {
  expect(warningText({ message: 'm', attributes: { b: 1, a: 'x' } })).toBe('m a="x" b=1');
});
