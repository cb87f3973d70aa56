import { expect, it } from 'vitest';
import {
  boundFaults,
  boundWarnings,
  jsonBytes,
  MAX_CATALOG_BYTES,
  MAX_INLINE_TEXT_BYTES,
  MAX_REQUEST_BYTES,
  MAX_SETTINGS_BYTES,
} from '../../../src/run/plan/budgets.ts';
import { checkRequest } from '../../../src/run/plan/check-request.ts';

const entry = { name: 'a', phase: 'deployment', image: 'img:1' };
const catalogOf = (bytes: number) => {
  const empty = { validators: [{ ...entry, description: '' }] };
  return { validators: [{ ...entry, description: 'x'.repeat(bytes - jsonBytes(empty)) }] };
};
const request = (more: object = {}) => ({ cluster: 'local', catalog: { inline: { validators: [entry] } }, ...more });

it.each([
  ['snapshot', (bytes: number) => 'x'.repeat(bytes), MAX_INLINE_TEXT_BYTES],
  ['validation', (bytes: number) => 'ü'.repeat(bytes / 2), MAX_INLINE_TEXT_BYTES],
  ['catalog', catalogOf, MAX_CATALOG_BYTES],
  ['baseCatalog', catalogOf, MAX_CATALOG_BYTES],
])('an inline %s fits to the byte, and one that is larger is told to go by reference', (field, ofBytes, most) => {
  expect(checkRequest(request({ [field]: { inline: ofBytes(most) } }))).toEqual([]);
  expect(checkRequest(request({ [field]: { inline: ofBytes(most + 2) } }))).toEqual([
    {
      path: `request.${field}.inline`,
      message: `has ${most + 2} bytes, and at most ${most} go through Temporal; give it by reference: {"configMap": {"name", "key"}} or {"file": "path"}`,
    },
  ]);
});

it('a request is bounded as a whole, and told what is largest in it', () => {
  const rest = request({ skipChecks: [''] });
  const fitting = (more: number) => ({ ...rest, skipChecks: ['x'.repeat(MAX_REQUEST_BYTES - jsonBytes(rest) + more)] });
  expect(checkRequest(fitting(0))).toEqual([]);
  expect(checkRequest(fitting(1))).toMatchObject([
    { path: 'request', message: expect.stringMatching(/largest field is skipChecks$/) },
  ]);
  const inline = 'x'.repeat(MAX_INLINE_TEXT_BYTES);
  expect(checkRequest(request({ snapshot: { inline }, validation: { inline } }))).toMatchObject([
    { path: 'request', message: expect.stringMatching(/largest field is snapshot; give it by reference/) },
  ]);
});

it('what every validator’s input repeats is bounded by itself', () => {
  const fits = { a: 'x'.repeat(MAX_SETTINGS_BYTES - jsonBytes({ nodeSelector: { a: '' } })) };
  expect(checkRequest(request({ nodeSelector: fits }))).toEqual([]);
  const nodeSelector = { a: `${fits.a}x` };
  expect(checkRequest(request({ nodeSelector }))).toMatchObject([
    { path: 'request', message: expect.stringContaining(`at most ${MAX_SETTINGS_BYTES}`) },
  ]);
});

it('faults are bounded in number and length', () => {
  const faults = Array.from({ length: 1000 }, () => ({ path: 'p'.repeat(10_000), message: 'm'.repeat(10_000) }));
  const bounded = boundFaults(faults);
  expect(bounded.at(-1)).toEqual({ path: '…', message: 'and 950 more' });
  expect(jsonBytes(bounded)).toBeLessThan(50_000);
  expect(boundFaults(faults.slice(0, 50))).toHaveLength(50);
  const cutAt = (path: number, message: number) =>
    boundFaults([{ path: 'p'.repeat(path), message: 'm'.repeat(message) }]);
  expect(cutAt(200, 600)).toEqual([{ path: 'p'.repeat(200), message: 'm'.repeat(600) }]);
  expect(cutAt(201, 601)).toEqual([{ path: `${'p'.repeat(200)}…`, message: `${'m'.repeat(600)}…` }]);
});

it('warnings are bounded in number and length, and none is given twice', () => {
  expect(boundWarnings(['a', 'b', 'a'])).toEqual(['a', 'b']);
  expect(boundWarnings(Array.from({ length: 50 }, (_, i) => `${i}`))).toHaveLength(50);
  const bounded = boundWarnings(Array.from({ length: 1000 }, (_, i) => `${i} ${'w'.repeat(10_000)}`));
  expect(bounded.at(-1)).toBe('… and 950 more warnings');
  expect(jsonBytes(bounded)).toBeLessThan(50_000);
});

it('counts bytes as JSON in UTF-8, and none of nothing', () => {
  expect(jsonBytes(undefined)).toBe(0);
  expect(jsonBytes({ a: 'ü' })).toBe(10);
});
