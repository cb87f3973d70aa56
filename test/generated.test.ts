import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generated } from '../scripts/generated.ts';
import { readClusters } from '../src/config/clusters-schema.ts';
import { checkCatalog } from '../src/run/plan/check-catalog.ts';
import { checkRequest } from '../src/run/plan/check-request.ts';
import { checkPolicy } from '../src/run/plan/policy-schema.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const text = (path: string) => readFileSync(`${root}${path}`, 'utf8');

it.each([...generated(root)])('%s is up to date (npm run generate)', (path, expected) => {
  expect(text(path)).toBe(expected);
});

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
for (const name of ['request', 'policy', 'clusters', 'catalog']) ajv.addSchema(JSON.parse(text(`schema/${name}.json`)));

function accepts(name: string, value: unknown): boolean {
  const validate = ajv.getSchema(`${name}.json`);
  if (validate === undefined) throw new Error(`there is no schema ${name}`);
  return validate(value) === true;
}

describe('the JSON Schemas', () => {
  it.each(['catalog.yaml', 'quick-catalog.yaml'])('accept examples/%s', (name) => {
    expect(accepts('catalog', parse(text(`examples/${name}`)))).toBe(true);
  });

  it('accept examples/request.json', () => {
    expect(accepts('request', JSON.parse(text('examples/request.json')))).toBe(true);
  });

  const entry = { name: 'a', phase: 'deployment', image: 'img:1' };
  const request = { cluster: 'local', catalog: { inline: { validators: [entry] } } };
  const limits = { wait: 10 };

  it.each<[string, unknown]>([
    ['request', request],
    ['request', { ...request, graces: { imagePull: '90s' }, cleanup: { keepFor: '1h30m' }, parallelism: 100 }],
    ['request', { ...request, forward: { HF_TOKEN: { secretKeyRef: { name: 'hf', key: 'token' } } } }],
    ['request', {}],
    ['request', { ...request, color: 'red' }],
    ['request', { ...request, parallelism: 101 }],
    ['request', { ...request, catalog: { inline: {}, file: 'x' } }],
    ['request', { ...request, catalog: { inline: { validators: [{ ...entry, phase: 'nowhere' }] } } }],
    ['request', { ...request, cleanup: { run: 'maybe' } }],
    ['request', { ...request, graces: { imagePull: 'soon' } }],
    ['request', { ...request, forward: { HF_TOKEN: 'clear' } }],
    ['policy', { clusterRoles: ['view'], namespaces: ['*'] }],
    ['policy', { clusterRoles: 'view' }],
    ['policy', { roles: [] }],
    ['clusters', { clusters: { a: null, b: { context: 'x', limits } } }],
    ['clusters', { clusters: { a: { limits: { wait: 0 } } } }],
    ['clusters', { clusters: { A: {} } }],
    ['clusters', []],
    ['catalog', { validators: [] }],
    ['catalog', { validators: [{ ...entry, args: ['a', 1, true], exclusive: [], rerunnable: true }], 'x-more': {} }],
    ['catalog', { validators: [{ ...entry, env: [{ name: 'A', value: 1 }], resources: { cpu: 1, memory: '1Gi' } }] }],
    ['catalog', { validators: [entry], metadata: { name: 'n' } }],
    ['catalog', { validators: [entry], apiVersion: 'other' }],
    ['catalog', { validators: [{ ...entry, name: 1 }] }],
    ['catalog', { validators: [{ ...entry, name: 'a'.repeat(50) }] }],
    ['catalog', { validators: [{ ...entry, image: 'a b' }] }],
    ['catalog', { validators: [{ ...entry, timeout: '5x' }] }],
    ['catalog', { validators: [{ ...entry, timeout: '-5m' }] }],
    ['catalog', { validators: [{ ...entry, env: [{ value: 'x' }] }] }],
    ['catalog', { validators: [{ ...entry, resources: { cpu: '1' } }] }],
    ['catalog', { validators: [{ ...entry, dependencyAffinity: [{ componentRef: '', podLabelSelector: {} }] }] }],
    ['catalog', { validators: [{ ...entry, exclusive: ['GPU'] }] }],
    ['catalog', {}],
  ])('agree with Proctor about %s %j', (name, value) => {
    expect(accepts(name, value)).toBe(faultsOf(name, value) === 0);
  });
});

/** How many faults Proctor's own check finds. */
function faultsOf(name: string, value: unknown): number {
  if (name === 'request') return checkRequest(value).length;
  if (name === 'catalog') return checkCatalog(value, 'catalog').length;
  if (name === 'policy') return checkPolicy(value, 'policy').length;
  const read = readClusters(value);
  return 'faults' in read ? read.faults.length : 0;
}
