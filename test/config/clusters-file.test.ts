import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clustersFromEnvironment, parseClusters, readClustersFile } from '../../src/config/clusters-file.ts';
import { DEFAULT_LIMITS } from '../../src/config/clusters-schema.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proctor-clusters-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function kubeconfig(name: string, ...contexts: string[]): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1' } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: contexts.map((context) => ({ name: context, context: { cluster: 'c', user: 'u' } })),
      'current-context': contexts[0],
    }),
  );
  return file;
}

function file(text: string): string {
  writeFileSync(join(folder, 'clusters.yaml'), text);
  return join(folder, 'clusters.yaml');
}

it('reads every field, and a kubeconfig’s path relative to the file’s folder', () => {
  kubeconfig('kube/prod', 'a', 'b');
  kubeconfig('other', 'x');
  const clusters = readClustersFile(
    file(`
clusters:
  prod:
    kubeconfig: kube/prod
    context: b
    namespace: checks
    limits: { wait: 1000 }
  other:
    kubeconfig: ${join(folder, 'other')}
`),
  );
  expect(clusters).toEqual([
    {
      name: 'prod',
      kubeconfig: join(folder, 'kube/prod'),
      context: 'b',
      namespace: 'checks',
      limits: { work: 20, wait: 1000, cleanup: 40 },
      source: expect.any(Function),
    },
    { name: 'other', kubeconfig: join(folder, 'other'), limits: DEFAULT_LIMITS, source: expect.any(Function) },
  ]);
  expect(clusters.map(({ source }) => source().getCurrentContext())).toEqual(['b', 'x']);
});

it('reads JSON, and replaces ~ with the home folder', () => {
  const { configs, faults } = parseClusters('{"clusters": {"a": {"kubeconfig": "~/x"}, "b": null}}', '/f');
  expect(faults).toEqual([]);
  expect(configs.map(({ name, kubeconfig: path }) => [name, path])).toEqual([
    ['a', join(homedir(), 'x')],
    ['b', undefined],
  ]);
});

it('takes the defaults for a cluster whose limits are all commented out', () => {
  const { configs, faults } = parseClusters('clusters:\n  a:\n    limits:\n      # work: 10\n', '/f');
  expect(faults).toEqual([]);
  expect(configs).toEqual([{ name: 'a', limits: DEFAULT_LIMITS }]);
});

it('lists every fault with its path', () => {
  const text = `
clusters:
  Prod_1: {}
  a:
    kubeConfig: x
    context: 5
    namespace: "no good"
    limits: { wait: 0, work: 1.5, other: 1, cleanup: "40" }
  b: [1]
  c: { limits: 7 }
more: 1
`;
  expect(parseClusters(text, '/').faults).toEqual([
    'clusters.Prod_1: must be the name of a cluster (a DNS label: lower-case letters, digits and hyphens), not "Prod_1"',
    'clusters.a.context: must be a string, not 5',
    'clusters.a.namespace: must be a namespace (a DNS label: lower-case letters, digits and hyphens), not "no good"',
    'clusters.a.limits.work: must be a whole number from 1 to 10000, not 1.5',
    'clusters.a.limits.wait: must be a whole number from 1 to 10000, not 0',
    'clusters.a.limits.cleanup: must be a whole number from 1 to 10000, not "40"',
    'clusters.a.limits.other: is not a field; the fields are work, wait, cleanup',
    'clusters.a.kubeConfig: is not a field; the fields are kubeconfig, context, namespace, limits',
    'clusters.b: must be an object, not [1]',
    'clusters.c.limits: must be an object, not 7',
    'more: is not a field; the fields are clusters',
  ]);
});

it('checks the fields of a cluster even if its name is refused', () => {
  expect(parseClusters('clusters: { Prod_1: { context: 5, limits: { wait: 0 } } }', '/').faults).toEqual([
    expect.stringContaining('clusters.Prod_1: must be the name of a cluster'),
    'clusters.Prod_1.context: must be a string, not 5',
    'clusters.Prod_1.limits.wait: must be a whole number from 1 to 10000, not 0',
  ]);
});

it('refuses a cluster with the name __proto__', () => {
  expect(parseClusters('clusters: { __proto__: {} }', '/').faults).toEqual([
    'clusters.__proto__: is not allowed as a key',
  ]);
});

it.each([
  ['', 'the file: must be an object, not null'],
  ['clusters: {}', 'clusters: names no cluster'],
  ['clusters: []', 'clusters: must be an object, not []'],
  ['a: [', 'it is not valid YAML: '],
  ['clusters: { a: {}, a: {} }', 'it is not valid YAML: Map keys must be unique'],
])('refuses %j', (text, fault) => {
  expect(parseClusters(text, '/').faults[0]).toContain(fault);
});

it('names every kubeconfig that cannot be used, with its cluster', () => {
  kubeconfig('good', 'x');
  const text = 'clusters: { a: { kubeconfig: missing }, b: { kubeconfig: good, context: y }, c: { kubeconfig: good } }';
  const path = file(text);
  expect(() => readClustersFile(path)).toThrow(
    new RegExp(
      `^the clusters file ${path} has 2 faults:\n  configuration: read the kubeconfig on cluster a: ENOENT.*\n  configuration: read the kubeconfig on cluster b: it has no context y; it has x$`,
    ),
  );
});

it('refuses a file that does not exist', () => {
  expect(() => readClustersFile('/no/such/file')).toThrow(/^the clusters file \/no\/such\/file cannot be read: ENOENT/);
});

it('takes from the environment either a file, or one cluster’s name and context', () => {
  const kube = kubeconfig('kube', 'x', 'y');
  const PROCTOR_CLUSTERS_FILE = file('clusters: { a: { kubeconfig: kube } }');
  expect(clustersFromEnvironment({ PROCTOR_CLUSTERS_FILE }).map(({ name }) => name)).toEqual(['a']);
  expect(() => clustersFromEnvironment({ PROCTOR_CLUSTERS_FILE, PROCTOR_CLUSTER: 'b' })).toThrow(
    'PROCTOR_CLUSTER and PROCTOR_CONTEXT must not be set as well',
  );
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = kube;
  try {
    expect(clustersFromEnvironment({})).toMatchObject([{ name: 'local', limits: DEFAULT_LIMITS }]);
    expect(
      clustersFromEnvironment({ PROCTOR_CLUSTER: 'b', PROCTOR_CONTEXT: 'y' })[0]?.source().getCurrentContext(),
    ).toBe('y');
    expect(() => clustersFromEnvironment({ PROCTOR_CLUSTER: 'B!' })).toThrow('PROCTOR_CLUSTER: must be a DNS label');
  } finally {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  }
});
