import { expect, it } from 'vitest';
import { checkRequest } from '../../../src/run/plan/check-request.ts';

const ref = { secretKeyRef: { name: 'hf', key: 'token' } };

it.each([
  [null],
  [{}],
  [{ secretKeyRef: {} }],
  [{ secretKeyRef: { name: 'hf' } }],
  [{ secretKeyRef: { key: 'token' } }],
  [{ secretKeyRef: { name: 1, key: 'token' } }],
  [{ secretKeyRef: { name: 'hf', key: 1 } }],
  [{ secretKeyRef: { name: 'HF', key: 'token' } }],
  [{ secretKeyRef: { name: 'hf', key: 'a/b' } }],
  [{ secretKeyRef: { name: 'hf', key: 'token', optional: true } }],
  [{ ...ref, value: 'x' }],
])('accepts a token only as a reference to a key of a Secret, not as %j', (given) => {
  const request = { cluster: 'c', catalog: { file: 'x' }, forward: { HF_TOKEN: given } };
  expect(checkRequest(request)).toEqual([
    {
      path: 'request.forward.HF_TOKEN',
      message:
        'must be {"secretKeyRef": {"name", "key"}}, with the name of a Secret and one of its keys, and no other field',
    },
  ]);
});
