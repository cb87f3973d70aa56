import { expect, it } from 'vitest';
import { checkRequest, describeFaults } from '../../src/contract/request.ts';

const good = {
  cluster: 'local',
  catalog: { inline: { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] } },
};
const paths = (request: unknown) => checkRequest(request).map(({ path }) => path);

it('accepts the least and the most that a request can say', () => {
  expect(checkRequest(good)).toEqual([]);
  const most = {
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
  expect(checkRequest(most)).toEqual([]);
});

it.each([
  ['nothing', undefined, ['request']],
  ['a list', [], ['request']],
  ['an empty object', {}, ['request.cluster', 'request.catalog']],
  ['an unknown field', { ...good, color: 'red' }, ['request.color']],
  ['a field of Object', { ...good, constructor: 1 }, ['request.constructor']],
  ['another version', { ...good, version: 2 }, ['request.version']],
  ['a cluster that is no name', { ...good, cluster: 'Not A Label' }, ['request.cluster']],
  ['an unknown phase', { ...good, phases: ['deployment', 'dreaming'] }, ['request.phases[1]']],
  ['too much at once', { ...good, parallelism: 101 }, ['request.parallelism']],
  ['part of a validator at once', { ...good, parallelism: 1.5 }, ['request.parallelism']],
  ['a number for a truth', { ...good, failFast: 1 }, ['request.failFast']],
  ['a catalog from two places', { ...good, catalog: { file: 'a', inline: {} } }, ['request.catalog']],
  ['a catalog from nowhere', { ...good, catalog: {} }, ['request.catalog']],
  ['a catalog from an unknown place', { ...good, catalog: { url: 'x' } }, ['request.catalog.url']],
  ['a cleanup that is no object', { ...good, cleanup: 'always' }, ['request.cleanup']],
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
  ['a run id that fits no label', { ...good, runId: 'x'.repeat(41) }, ['request.runId']],
  [
    'a toleration with a wrong operator',
    { ...good, tolerations: [{ operator: 'Maybe' }] },
    ['request.tolerations[0].operator'],
  ],
  ['a component without a name', { ...good, componentRefs: [{}] }, ['request.componentRefs[0].name']],
])('refuses %s, by the path of the field', (_what, request, expected) => {
  expect(paths(request)).toEqual(expected);
});

it('finds every fault, also those of the catalog', () => {
  const bad = {
    cluster: 4,
    catalog: { inline: { validators: [{ name: 'a', phase: 'nowhere', image: 'i:1' }] } },
    phases: 'all',
  };
  expect(paths(bad)).toEqual(['request.cluster', 'request.catalog.inline.validators[0].phase', 'request.phases']);
});

it('tells all faults in one message of bounded size', () => {
  const faults = checkRequest({ ...good, phases: Array.from({ length: 5000 }, () => 'xxx') });
  expect(faults).toHaveLength(5000);
  const message = describeFaults(faults);
  expect(message.length).toBeLessThan(10_000);
  expect(message).toContain('5000 faults');
  expect(message).toContain('and 4950 more');
});

it('refuses what is nested too deeply to be looked through', () => {
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  const deep = (depth: number) => ({ ...good, componentRefs: [{ name: 'c', overrides: { deep: nested(depth) } }] });
  expect(checkRequest(deep(90))).toEqual([]);
  expect(checkRequest(deep(100_000))).toEqual([{ path: 'request', message: 'is nested more than 100 levels deep' }]);
});
