import { expect, it } from 'vitest';
import { ContractError, hasCode } from '../../src/aicr/contract-error.ts';

it('gives a ContractError a cause only if it has one', () => {
  const bare = new ContractError('TIMEOUT', 'm');
  expect(bare.name).toBe('ContractError');
  expect(Object.hasOwn(bare, 'cause')).toBe(false);
  expect(hasCode(new Error('outer', { cause: bare }), 'TIMEOUT')).toBe(true);
  expect(hasCode(new Error('outer', { cause: bare }), 'INTERNAL')).toBe(false);
});
