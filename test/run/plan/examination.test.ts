import { expect, it } from 'vitest';
import { parseCatalog } from '../../../src/aicr/catalog/catalog.ts';
import { jsonBytes, MAX_CATALOG_BYTES } from '../../../src/run/plan/budgets.ts';
import { examine } from '../../../src/run/plan/examination.ts';
import { type GivenCatalog, givenInline, mergedCatalog } from '../../../src/run/plan/given-catalogs.ts';
import { DEFAULT_POLICY } from '../../../src/run/plan/policy.ts';
import type { ValidateClusterRequest } from '../../../src/run/plan/validate-cluster-request.ts';

const entry = (name: string, more: object = {}) => ({ name, phase: 'deployment', image: 'img:1', ...more });

const given = (entries: object[], path = 'request.catalog.inline'): GivenCatalog => ({
  path,
  catalog: parseCatalog({ validators: entries }),
  ignored: [],
});

const request = (more: Partial<ValidateClusterRequest> = {}): ValidateClusterRequest => ({
  cluster: 'local',
  catalog: { inline: {} },
  ...more,
});

const needs = (componentRef: string, requirement = 'required') => ({
  componentRef,
  podLabelSelector: { app: 'x' },
  requirement,
});

const allowing = { ...DEFAULT_POLICY, clusterRoles: ['cluster-admin'] };

it('lays a catalog over a base by name and reports each fault in the catalog that it comes from', () => {
  const base = given([entry('a'), entry('b')], 'request.baseCatalog.file');
  const over = given(
    [entry('new', { dependencyAffinity: [needs('x')] }), entry('a', { image: 'other:1' })],
    'request.catalog.inline',
  );
  expect(mergedCatalog([base, over]).validators.map(({ name, image }) => `${name} ${image}`)).toEqual([
    'a other:1',
    'b img:1',
    'new img:1',
  ]);
  const policy = { ...allowing, imagePrefixes: ['allowed'] };
  expect(examine(request(), [base, over], policy).faults.map(({ path }) => path)).toEqual([
    'request.catalog.inline.validators[0].dependencyAffinity[0]',
    'request.catalog.inline.validators[1].image',
    'request.baseCatalog.file.validators[1].image',
    'request.catalog.inline.validators[0].image',
  ]);
});

it('refuses every unresolved required dependency and warns about preferred ones', () => {
  const catalog = given([
    entry('fine'),
    entry('a', { dependencyAffinity: [needs('gone'), needs('off'), needs('nice', 'preferred'), needs('here')] }),
    entry('b', { dependencyAffinity: [needs('homeless')] }),
  ]);
  const componentRefs = [
    { name: 'off', namespace: 'n', overrides: { install: false } },
    { name: 'here', namespace: 'n' },
    { name: 'homeless' },
  ];
  const { faults, warnings } = examine(request({ componentRefs }), [catalog], allowing);
  expect(faults).toEqual([
    {
      path: 'request.catalog.inline.validators[1].dependencyAffinity[0]',
      message: expect.stringContaining(`"gone" is not in the recipe's componentRefs`),
    },
    {
      path: 'request.catalog.inline.validators[1].dependencyAffinity[1]',
      message: expect.stringContaining('"off" is disabled'),
    },
    {
      path: 'request.catalog.inline.validators[2].dependencyAffinity[0]',
      message: expect.stringContaining('"homeless" has no resolved namespace'),
    },
  ]);
  expect(warnings).toEqual([
    'validator a: preferred dependencyAffinity component not present in recipe; skipping affinity term componentRef="nice"',
  ]);
});

it('does not check a validator that does not run', () => {
  const catalog = given([entry('a'), entry('b', { dependencyAffinity: [needs('gone')] })]);
  expect(examine(request({ skipChecks: ['b'] }), [catalog], allowing).faults).toEqual([]);
  expect(examine(request({ checks: { deployment: ['a'] } }), [catalog], allowing).faults).toEqual([]);
});

it('reports each role, namespace and resolved image that the policy does not allow', () => {
  const policy = { clusterRoles: ['view'], imagePrefixes: ['reg.example/ok'], namespaces: ['lab'], fileRoots: [] };
  const catalog = given([entry('a', { image: 'ghcr.io/x/ok/a:1' }), entry('b', { image: 'reg.example/ok/b:1' })]);
  const { faults } = examine(
    request({
      snapshot: { configMap: { name: 'a', key: 'b', namespace: 'kube-system' } },
      forward: { AICR_NCCL_RUNTIME_IMAGE: 'evil.example/x' },
    }),
    [catalog],
    policy,
  );
  expect(faults.map(({ path }) => path)).toEqual([
    'request.clusterRole',
    'request.namespace',
    'request.snapshot.configMap.namespace',
    'request.catalog.inline.validators[0].image',
    'request.forward.AICR_NCCL_RUNTIME_IMAGE',
  ]);
  expect(faults[0]?.message).toBe(
    '"cluster-admin" is more than this worker\'s policy allows: clusterRoles is view (PROCTOR_ALLOW_CLUSTER_ROLES, or clusterRoles in the worker\'s policy file)',
  );
  const moved = request({ namespace: 'lab', clusterRole: 'view', imageRegistryOverride: 'reg.example' });
  expect(examine(moved, [given([entry('a', { image: 'ghcr.io/x/ok/a:1' })])], policy).faults).toEqual([]);
});

it('finds a token in a catalog that is given by reference and does not show it', () => {
  const catalog = given([entry('a', { env: [{ name: 'HF_TOKEN', value: 'hf_secret' }] })], 'request.catalog.file');
  const { faults } = examine(request(), [catalog], allowing);
  expect(faults).toMatchObject([{ path: 'request.catalog.file.validators[0].env[0].value' }]);
  expect(JSON.stringify(faults)).not.toContain('hf_secret');
});

it('warns about a forwarded variable that no validator of the run takes', () => {
  const catalog = given([entry('inference-perf'), entry('a')]);
  const forward = { HF_TOKEN: { secretKeyRef: { name: 'hf', key: 't' } }, AICR_NCCL_FABRIC: 'efa' };
  expect(examine(request({ forward }), [catalog], allowing)).toEqual({
    faults: [],
    warnings: ['request.forward.AICR_NCCL_FABRIC: no validator of this run takes it; it is for nccl-all-reduce-bw-net'],
  });
});

it('refuses a catalog, alone or merged, that is larger than a run can hold', () => {
  const half = (name: string) => given([entry(name, { description: 'x'.repeat(MAX_CATALOG_BYTES / 2) })]);
  expect(examine(request(), [half('a')], allowing).faults).toEqual([]);
  expect(examine(request(), [half('a'), half('b')], allowing).faults).toMatchObject([
    { path: 'request.catalog', message: expect.stringContaining(`at most ${MAX_CATALOG_BYTES}`) },
  ]);
  const bare = jsonBytes(given([entry('a', { description: '' })]).catalog);
  const sized = (bytes: number) => given([entry('a', { description: 'x'.repeat(bytes - bare) })]);
  expect(examine(request(), [sized(MAX_CATALOG_BYTES)], allowing).faults).toEqual([]);
  expect(examine(request(), [sized(MAX_CATALOG_BYTES + 1)], allowing).faults).toMatchObject([
    { path: 'request.catalog' },
  ]);
  expect(examine(request(), [given(Array.from({ length: 1000 }, (_, i) => entry(`v${i}`)))], allowing).faults).toEqual(
    [],
  );
  const many = given(Array.from({ length: 1001 }, (_, i) => entry(`v${i}`)));
  expect(examine(request(), [many], allowing).faults).toMatchObject([
    { path: 'request.catalog', message: expect.stringContaining('1001 validators would run, and at most 1000') },
  ]);
});

it('checks no policy if none is given', () => {
  expect(examine(request(), [given([entry('a')])]).faults).toEqual([]);
  // A ConfigMap without a namespace is in the run's own, which is checked as request.namespace.
  const snapshot = { configMap: { name: 'a', key: 'b' } };
  expect(examine(request({ snapshot }), [given([entry('a')])], allowing).faults).toEqual([]);
});

it('refuses an entry that the renderer would refuse at deploy time', () => {
  const [only] = given([entry('a')]).catalog.validators;
  if (only === undefined) throw new Error('no entry');
  const bad = {
    path: 'request.catalog.file',
    ignored: [],
    catalog: { validators: [{ ...only, resources: { cpu: 'x', memory: 'y' } }] },
  };
  expect(examine(request(), [bad], allowing).faults).toMatchObject([
    { path: 'request.catalog.file.validators[0]', message: expect.stringContaining('cpu') },
  ]);
});

it('rethrows an error that is not a fault of the request', () => {
  const { catalog, ...rest } = given([entry('a')]);
  const validators = catalog.validators.map((only) => ({ ...only, image: undefined as never }));
  expect(() => examine(request(), [{ ...rest, catalog: { validators } }])).toThrow(TypeError);
});

it('warns about unknown fields of a catalog and accepts the rest', () => {
  const document = { validators: [entry('a', { timeoutt: '5m' })], extra: 1 };
  const { faults, warnings } = examine(request(), [givenInline(document, 'request.catalog.inline')], allowing);
  expect(faults).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^request\.catalog\.inline\.validators\[0\]\.timeoutt: unknown field, ignored \(known: name, phase, /,
    ),
    'request.catalog.inline.extra: unknown field, ignored (known: apiVersion, kind, metadata, validators)',
  ]);
});
