import { expect, it } from 'vitest';
import { checkRequest } from '../../../src/run/plan/check-request.ts';
import { describeFaults, InvalidRequest } from '../../../src/run/plan/invalid-request.ts';

const good = {
  cluster: 'local',
  catalog: { inline: { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] } },
};
const paths = (request: unknown) => checkRequest(request).map(({ path }) => path);

it('accepts a minimal request and a full one', () => {
  expect(checkRequest(good)).toEqual([]);
  const full = {
    ...good,
    version: 1,
    namespace: 'ns',
    runId: 'my-run',
    phases: ['deployment'],
    skipChecks: [],
    failFast: true,
    parallelism: 100,
    cleanup: { run: 'on-success', jobs: 'never', keepFor: '720h', timeout: '24h' },
    snapshot: { inline: 'a: b' },
    validation: { configMap: { name: 'cm', key: 'k', namespace: 'other' } },
    cliVersion: 'v1.2.3',
    cliCommit: 'abc1234',
    imagePullSecrets: ['regcred'],
    tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }],
    nodeSelector: { a: 'b' },
    imageRegistryOverride: 'reg.example',
    imageTagOverride: 'v9',
    componentRefs: [{ name: 'c', namespace: 'n', overrides: { enabled: false } }],
  };
  expect(checkRequest(full)).toEqual([]);
});

it.each([
  ['nothing', undefined, ['request']],
  ['a list', [], ['request']],
  ['an empty object', {}, ['request.cluster', 'request.catalog']],
  ['an unknown field', { ...good, color: 'red' }, ['request.color']],
  ['a field of Object', { ...good, constructor: 1 }, ['request.constructor']],
  ['another version', { ...good, version: 2 }, ['request.version']],
  ['a cluster that is not a name', { ...good, cluster: 'Not A Label' }, ['request.cluster']],
  ['an unknown phase', { ...good, phases: ['deployment', 'dreaming'] }, ['request.phases[1]']],
  ['a parallelism that is too high', { ...good, parallelism: 101 }, ['request.parallelism']],
  ['a parallelism that is not whole', { ...good, parallelism: 1.5 }, ['request.parallelism']],
  ['a number instead of a boolean', { ...good, failFast: 1 }, ['request.failFast']],
  ['a catalog from two sources', { ...good, catalog: { file: 'a', inline: {} } }, ['request.catalog']],
  ['a catalog from no source', { ...good, catalog: {} }, ['request.catalog']],
  ['a catalog from an unknown source', { ...good, catalog: { url: 'x' } }, ['request.catalog.url']],
  ['a cleanup that is not an object', { ...good, cleanup: 'always' }, ['request.cleanup']],
  [
    'a cleanup with every value wrong',
    { ...good, cleanup: { run: 'maybe', jobs: 'sometimes', keepFor: '721h', timeout: '0s', pods: 'always' } },
    [
      'request.cleanup.run',
      'request.cleanup.jobs',
      'request.cleanup.keepFor',
      'request.cleanup.timeout',
      'request.cleanup.pods',
    ],
  ],
  ['half a ConfigMap', { ...good, catalog: { configMap: { name: 'a' } } }, ['request.catalog.configMap.key']],
  ['a run id that is too long', { ...good, runId: 'x'.repeat(41) }, ['request.runId']],
  [
    'a toleration with a wrong operator',
    { ...good, tolerations: [{ operator: 'Maybe' }] },
    ['request.tolerations[0].operator'],
  ],
  ['a component without a name', { ...good, componentRefs: [{}] }, ['request.componentRefs[0].name']],
])('refuses %s with the path of the field', (_what, request, expected) => {
  expect(paths(request)).toEqual(expected);
});

it('lists every fault, including those of the catalog', () => {
  const bad = {
    cluster: 4,
    catalog: { inline: { validators: [{ name: 'a', phase: 'nowhere', image: 'i:1' }] } },
    phases: 'all',
  };
  expect(paths(bad)).toEqual(['request.cluster', 'request.catalog.inline.validators[0].phase', 'request.phases']);
});

it.each([
  [{ ...good, version: 2 }, 'request.version: must be 1, not 2'],
  [{ ...good, cluster: undefined }, 'request.cluster: is required'],
  [
    { ...good, cluster: 'Lab' },
    'request.cluster: must be the name under which a worker serves the cluster (a DNS label: lower-case letters, digits and hyphens), not "Lab"',
  ],
  [{ ...good, cluster: null }, /^request\.cluster: must be the name .*, not null$/],
  [
    { ...good, phases: ['all', 1] },
    'request.phases[0]: must be deployment, conformance, performance, not "all"\n  request.phases[1]: must be deployment, conformance, performance, not 1',
  ],
  [{ ...good, phases: 'all' }, 'request.phases: must be a list, not "all"'],
  [{ ...good, runId: 5 }, 'request.runId: must be at most 40 lower-case letters, digits and hyphens, not 5'],
  [{ ...good, failFast: 'yes' }, 'request.failFast: must be true or false, not "yes"'],
  [{ ...good, parallelism: 0 }, 'request.parallelism: must be a whole number from 1 to 100, not 0'],
  [{ ...good, parallelism: 101 }, 'request.parallelism: must be a whole number from 1 to 100, not 101'],
  [{ ...good, parallelism: 1.5 }, 'request.parallelism: must be a whole number from 1 to 100, not 1.5'],
  [{ ...good, cleanup: { keepFor: '721h' } }, 'request.cleanup.keepFor: must be at most 720h, not "721h"'],
  [{ ...good, cleanup: { keepFor: 'x' } }, /^request\.cleanup\.keepFor: must be a duration .*, not "x"$/],
  [{ ...good, cliVersion: 1 }, 'request.cliVersion: must be a string, not 1'],
  [{ ...good, skipChecks: [{}] }, 'request.skipChecks[0]: must be a string, not {}'],
  [{ ...good, snapshot: null }, 'request.snapshot: must be an object, not null'],
  [{ ...good, snapshot: [] }, 'request.snapshot: must be an object, not []'],
  [{ ...good, snapshot: { inline: 1 } }, 'request.snapshot.inline: must be a string, not 1'],
  [{ ...good, snapshot: {} }, 'request.snapshot: must have exactly one of inline, file, configMap'],
  [{ ...good, nodeSelector: 'gpu' }, 'request.nodeSelector: must be an object, not "gpu"'],
  [{ ...good, nodeSelector: { gpu: true } }, 'request.nodeSelector.gpu: must be a string, not true'],
  [
    { ...good, graces: { nodeLost: '1h', imagePull: '999ms' } },
    'request.graces.imagePull: must be a duration such as 90s or 5m, at least 1s, not "999ms"',
  ],
  [{ ...good, graces: { imagePull: 'soon' } }, /^request\.graces\.imagePull: must be a duration .*, not "soon"$/],
  [{ ...good, graces: { imagePull: 90 } }, /^request\.graces\.imagePull: must be a duration .*, not 90$/],
  [
    { ...good, checks: { readiness: [] } },
    'request.checks.readiness: is not a field; the fields are deployment, conformance, performance',
  ],
])('says what is wrong and what is allowed: %#', (request, message) => {
  const faults = checkRequest(request);
  const described = describeFaults('the request', faults);
  const head = `the request has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n  `;
  expect(described.startsWith(head)).toBe(true);
  if (typeof message === 'string') expect(described).toBe(head + message);
  else expect(described.slice(head.length)).toMatch(message);
});

it('accepts values at their bounds and ignores undefined fields', () => {
  const full = { parallelism: 100, attempts: 1, graces: { imagePull: '1s' }, nodeSelector: {}, failFast: false };
  expect(checkRequest({ ...good, ...full, namespace: undefined, version: 1 })).toEqual([]);
  expect(checkRequest({ ...good, parallelism: 1 })).toEqual([]);
});

it('shows only the beginning of a long wrong value', () => {
  const messageFor = (value: unknown) => checkRequest({ ...good, failFast: value })[0]?.message;
  expect(messageFor('x'.repeat(1000))).toMatch(/^must be true or false, not "x{20,100}…$/);
  const shown = messageFor('x'.repeat(1000))?.match(/not (.*)…$/)?.[1] ?? '';
  const whole = 'x'.repeat(shown.length - 2);
  expect(messageFor(whole)).toBe(`must be true or false, not "${whole}"`);
  expect(checkRequest(undefined)).toEqual([{ path: 'request', message: 'must be an object, not nothing' }]);
});

it('lists fifty faults in one error and counts the others', () => {
  const faults = Array.from({ length: 52 }, (_, i) => ({ path: `p${i}`, message: 'is wrong' }));
  const error = new InvalidRequest(faults);
  expect(error).toMatchObject({ name: 'InvalidRequest', code: 'INVALID_REQUEST' });
  expect(error.faults).toHaveLength(51);
  expect(error.message.split('\n').slice(-2)).toEqual(['  p49: is wrong', '  and 2 more']);
  expect(describeFaults('the request', faults.slice(0, 2), ', and so nothing ran')).toBe(
    'the request has 2 faults, and so nothing ran:\n  p0: is wrong\n  p1: is wrong',
  );
});

it('describes all faults in one message of limited size', () => {
  const faults = checkRequest({ ...good, phases: Array.from({ length: 5000 }, () => 'xxx') });
  expect(faults).toHaveLength(5000);
  const message = describeFaults('the request', faults);
  expect(message.length).toBeLessThan(10_000);
  expect(message).toContain('5000 faults');
  expect(message).toContain('and 4950 more');
});

it('refuses a request that is nested too deeply', () => {
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  const deep = (depth: number) => ({ ...good, componentRefs: [{ name: 'c', overrides: { deep: nested(depth) } }] });
  expect(checkRequest(deep(90))).toEqual([]);
  expect(checkRequest(deep(97))).toEqual([]);
  expect(checkRequest(deep(98))).toMatchObject([{ path: 'request' }]);
  expect(checkRequest(deep(100_000))).toEqual([{ path: 'request', message: 'is nested more than 100 levels deep' }]);
});

it('refuses a request of too many values with one fault, since a workflow task must not take over a second', () => {
  const skipping = (count: number) => ({ ...good, skipChecks: Array.from({ length: count }, () => 'a') });
  expect(checkRequest(skipping(49_000))).toEqual([]);
  // JSON of 2 MB, the most that Temporal accepts.
  const tooMany = [{ path: 'request', message: 'has more than 50000 values' }];
  expect(checkRequest({ ...good, skipChecks: new Array(1_000_000).fill(0) })).toEqual(tooMany);
  const unknown = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`field-${i}`, 0]));
  expect(checkRequest({ ...good, ...unknown })).toEqual(tooMany);
});

it('refuses the key __proto__, which zod does not check', () => {
  const withKey = (text: string) => JSON.parse(text.replaceAll('!', '"__proto__"'));
  const { catalog } = good;
  expect(paths({ ...good, nodeSelector: withKey('{"a": "b", !: 5}') })).toEqual(['request.nodeSelector.__proto__']);
  expect(paths({ ...good, snapshot: withKey('{"file": "x", !: {}}') })).toEqual(['request.snapshot.__proto__']);
  expect(paths({ ...good, catalog: { ...catalog, ...withKey('{"file": "x"}') } })).toEqual(['request.catalog']);
  expect(paths({ ...good, ...withKey('{!: 1}') })).toEqual(['request.__proto__']);
});
