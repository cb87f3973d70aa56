import { describe, expect, it } from 'vitest';
import { encodeNodeSelector } from '../../../src/aicr/job/node-selector.ts';

describe('encodeNodeSelector', () => {
  it('orders the keys by their bytes', () => {
    expect(encodeNodeSelector({ b: '1', a: '', Z: 'x=y', '😀': '2', '\uffff': '3' })).toBe(
      'Z=x=y,a=,b=1,\uffff=3,😀=2',
    );
  });
});
