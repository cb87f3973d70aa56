import { describe, expect, it } from 'vitest';
import { ContractError, errorText, hasCode } from '../../src/aicr/contract-error.ts';

describe('ContractError', () => {
  const inner = new ContractError('TIMEOUT', 'too late');
  const outer = new ContractError('INTERNAL', 'no', new Error('between', { cause: inner }));

  it('prints its code and cause, and is found by its code at any depth', () => {
    expect(inner.full).toBe('[TIMEOUT] too late');
    expect(new ContractError('INTERNAL', 'no', inner).full).toBe('[INTERNAL] no: [TIMEOUT] too late');
    expect(errorText(new Error('plain'))).toBe('plain');
    expect(errorText('text')).toBe('text');
    expect([
      hasCode(outer, 'TIMEOUT'),
      hasCode(outer, 'INTERNAL'),
      hasCode(outer, 'NOT_FOUND'),
      hasCode('x', 'TIMEOUT'),
    ]).toEqual([true, true, false, false]);
  });
});

it('gives a ContractError a cause only if it has one', () => {
  const bare = new ContractError('TIMEOUT', 'm');
  expect(bare.name).toBe('ContractError');
  expect(Object.hasOwn(bare, 'cause')).toBe(false);
  expect(hasCode(new Error('outer', { cause: bare }), 'TIMEOUT')).toBe(true);
  expect(hasCode(new Error('outer', { cause: bare }), 'INTERNAL')).toBe(false);
});
