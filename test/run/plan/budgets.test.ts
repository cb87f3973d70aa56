import { expect, it } from 'vitest';
import {
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
])('accepts an inline %s up to its limit in bytes and asks for a reference above it', (field, ofBytes, most) => {
  expect(checkRequest(request({ [field]: { inline: ofBytes(most) } }))).toEqual([]);
  expect(checkRequest(request({ [field]: { inline: ofBytes(most + 2) } }))).toEqual([
    {
      path: `request.${field}.inline`,
      message: `has ${most + 2} bytes, and at most ${most} go through Temporal; give it by reference: {"configMap": {"name", "key"}} or {"file": "path"}`,
    },
  ]);
});

it('refuses a request that is too large, and names its largest field', () => {
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

it('refuses settings that are too large, since every validator’s input repeats them', () => {
  const fits = { a: 'x'.repeat(MAX_SETTINGS_BYTES - jsonBytes({ nodeSelector: { a: '' } })) };
  expect(checkRequest(request({ nodeSelector: fits }))).toEqual([]);
  const nodeSelector = { a: `${fits.a}x` };
  expect(checkRequest(request({ nodeSelector }))).toMatchObject([
    { path: 'request', message: expect.stringContaining(`at most ${MAX_SETTINGS_BYTES}`) },
  ]);
});

it('counts bytes as JSON in UTF-8, and 0 for undefined', () => {
  expect(jsonBytes(undefined)).toBe(0);
  expect(jsonBytes({ a: 'ü' })).toBe(10);
});
