import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ValidatorOutcome } from '../../src/run/ending/validator-outcome.ts';
import { asFirstRunId, asRunId, asWorkflowId } from '../../src/run/ids.ts';
import type { RunValidatorInput } from '../../src/run/validator-input.ts';
import { failureOf, madeBy } from './failure.ts';
import {
  command,
  createSite,
  kubectl,
  listObjects,
  release,
  request,
  type Site,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'proctor-policy-'));
const BASE = uniqueId('base-catalog');
let site: Site;

/** The worker has a stricter policy than those of the other tests. */
beforeAll(async () => {
  site = await createSite('policy');
  writeFileSync(join(folder, 'policy.yaml'), 'imagePrefixes: [docker.io/proctor]\nclusterRoles: [overridden]\n');
  await site.startWorker({
    PROCTOR_POLICY_FILE: join(folder, 'policy.yaml'),
    PROCTOR_ALLOW_CLUSTER_ROLES: 'view',
    PROCTOR_ALLOW_NAMESPACES: 'aicr-validation,default',
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl('delete', 'configmap', BASE, '-n', 'default', '--ignore-not-found');
});

it('refuses a request that exceeds the policy, names the path of each excess, and creates nothing', async () => {
  const excessive = request([{ name: 'a', script: 'exit 0', image: 'docker.io/proctor-fake/x:1' }], {
    namespace: 'kube-system',
    snapshot: { file: '/etc/hostname' },
    validation: { configMap: { name: 'extension-apiserver-authentication', key: 'x', namespace: 'kube-system' } },
  });
  const handle = await site.proctor.start(excessive, { workflowId: uniqueId('excess') });
  const failure = await failureOf(handle);
  expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  for (const path of [
    'request.clusterRole: "cluster-admin" is more than',
    'request.namespace: "kube-system" is more than',
    'request.catalog.inline.validators[0].image: "docker.io/proctor-fake/x:1" is more than',
    'request.snapshot.file: /etc/hostname is in none of the folders',
    'request.validation.configMap.namespace: "kube-system" is more than',
  ])
    expect(failure.message).toContain(path);
  expect(await madeBy(handle)).toEqual([]);
});

it('applies the policy to a validator’s workflow that was started without preflight', async () => {
  const name = uniqueId('no-preflight');
  const handle = await site.proctor.client.workflow.start('runValidator', {
    taskQueue: 'proctor',
    workflowId: name,
    args: [await validatorInput(name)],
  });
  const outcome = (await handle.result()) as ValidatorOutcome;
  expect(outcome).toMatchObject({ status: 'other', cause: 'deploy-failed' });
  expect(outcome.message).toContain('run.namespace: "kube-system" is more than');
  expect(outcome.message).toContain(`${name}.image: "busybox" is more than`);
  expect(await listObjects('jobs', '-n', 'kube-system', '-l', `aicr.run/validator=${name}`)).toEqual([]);
});

async function validatorInput(name: string): Promise<RunValidatorInput> {
  const uid = (await kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')).trim();
  const marks = { installation: 'x', workflowId: asWorkflowId(name), workflowRunId: asFirstRunId('x') };
  return {
    version: 1,
    run: { cluster: { name: 'local', uid }, namespace: 'kube-system', runId: asRunId(name), marks },
    anchor: { name: 'x', uid: 'x' },
    entry: { name, phase: 'deployment', description: '', image: 'busybox', timeout: '1m' },
    settings: {},
  };
}

it('runs the declared checks of a merged catalog with an allowed role, and returns the warnings', async () => {
  const base = request([
    { name: 'kept', script: 'exit 0' },
    { name: 'replaced', script: 'exit 1' },
    { name: 'undeclared', script: 'exit 1' },
  ]).catalog;
  await kubectl(
    'create',
    'configmap',
    BASE,
    '-n',
    'default',
    `--from-literal=catalog.yaml=${JSON.stringify('inline' in base ? base.inline : {})}`,
  );
  const id = uniqueId('allowed');
  const asked = request([{ name: 'replaced', script: `${UNTIL_RELEASED}; echo new > /dev/termination-log` }], {
    baseCatalog: { configMap: { name: BASE, key: 'catalog.yaml', namespace: 'default' } },
    clusterRole: 'view',
    checks: { deployment: ['replaced', 'kept'] },
    skipChecks: ['undeclared'],
  });
  const handle = await site.proctor.start(asked, { workflowId: id });
  const binding = await until('the binding is there', async () => {
    const { runId } = await site.proctor.progress(id);
    return JSON.parse(await kubectl('get', 'clusterrolebinding', `aicr-validator-${runId}`, '-o', 'json'));
  });
  expect(binding.roleRef).toMatchObject({ kind: 'ClusterRole', name: 'view' });

  const warnings = ['request.skipChecks[0]: "undeclared" would not run in this run anyway'];
  expect((await site.proctor.progress(id)).warnings).toEqual(warnings);
  await release(`proctor.run/workflow-run-id=${handle.firstExecutionRunId}`);
  const result = await handle.result();
  expect(result).toMatchObject({ verdict: 'passed', counts: { tests: 2, passed: 2 }, warnings });
  expect(result.report.results.tests.map(({ name, message }) => [name, message])).toEqual([
    ['kept', undefined],
    ['replaced', 'new\n'],
  ]);
});

it('a worker with a bad policy does not start and names every fault', async () => {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'clusterRoles: all\nimages: []\n');
  const start = command(process.execPath, ['src/worker.ts'], { ...site.env, PROCTOR_POLICY_FILE: file });
  await expect(start).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/the policy has 2 faults:\n.*bad\.yaml\.clusterRoles: .*\n.*bad\.yaml\.images: /),
  });
});
