import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InvalidRequest, type RunPlan, type ValidateClusterRequest } from '../../src/client.ts';
import type { Job } from '../../src/kubernetes/types.ts';
import { copyKubeconfig } from '../kubeconfig.ts';
import { failureOf, madeBy } from './failure.ts';
import {
  command,
  createSite,
  kubectl,
  listObjects,
  NAMESPACE,
  request,
  type Site,
  stack,
  uniqueId,
  until,
} from './harness.ts';

let site: Site;
let folder: string;
const ELSEWHERE = uniqueId('elsewhere');

beforeAll(async () => {
  site = await createSite('plan');
  folder = await mkdtemp(join(tmpdir(), 'proctor-plan-'));
  // Nothing listens at this cluster's address, so a workflow that needs the cluster stays pending.
  const nowhere = copyKubeconfig(stack.cluster.kubeconfig, join(folder, 'nowhere'), { server: 'https://127.0.0.1:1' });
  const clusters = {
    local: { kubeconfig: stack.cluster.kubeconfig },
    elsewhere: { kubeconfig: stack.cluster.kubeconfig, namespace: ELSEWHERE },
    nowhere: { kubeconfig: nowhere },
  };
  writeFileSync(join(folder, 'clusters.json'), JSON.stringify({ clusters }));
  await site.startWorker({
    PROCTOR_CLUSTERS_FILE: join(folder, 'clusters.json'),
    PROCTOR_ALLOW_NAMESPACES: `aicr-validation,${ELSEWHERE}`,
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await kubectl('delete', 'namespace', ELSEWHERE, '--ignore-not-found', '--wait=false');
});

/** A request that sets everything that can appear in a Job. */
function fullRequest(name: string, more: Partial<ValidateClusterRequest> = {}): ValidateClusterRequest {
  const entry = {
    name,
    phase: 'performance',
    description: 'everything',
    image: stack.image,
    timeout: '90s',
    args: ['-c', 'sleep 60'],
    env: [
      { name: 'PLAIN', value: 'x' },
      { name: 'EMPTY', value: '' },
    ],
    resources: { cpu: '0.02', memory: '16384Ki' },
    dependencyAffinity: [{ componentRef: 'nice', podLabelSelector: { app: 'nice' } }],
  };
  return {
    cluster: 'local',
    catalog: { inline: { validators: [entry, { ...entry, name: 'other', dependencyAffinity: [] }] } },
    checks: { performance: [name] },
    cliVersion: 'v1.2.3',
    cliCommit: 'abcdef0',
    imagePullSecrets: ['regcred'],
    tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
    nodeSelector: { zone: 'a' },
    componentRefs: [{ name: 'nice', namespace: 'default', overrides: { values: {} } }],
    forward: { HF_TOKEN: { secretKeyRef: { name: 'nothing-there', key: 'token' } }, AICR_NCCL_FABRIC: 'efa' },
    ...more,
  };
}

it('a worker and the client make the same plan, without asking the cluster', async () => {
  const asked = { ...fullRequest('inference-perf'), cluster: 'nowhere' };
  const handle = await site.proctor.client.workflow.start('planValidation', {
    taskQueue: 'proctor',
    workflowId: uniqueId('plan'),
    args: [asked],
  });
  const plan = (await handle.result()) as RunPlan;
  expect(plan.jobs).toHaveLength(1);
  expect(plan).toEqual(await site.proctor.plan(asked, { locally: false }));
  expect(plan).toEqual(await site.proctor.plan(asked));
  expect(plan.warnings).toEqual([
    'request.forward.AICR_NCCL_FABRIC: no validator of this run takes it; it is for nccl-all-reduce-bw-net',
  ]);
});

it('a plan creates nothing, and the API server accepts its manifests', async () => {
  const handle = await site.proctor.client.workflow.start('planValidation', {
    taskQueue: 'proctor',
    workflowId: uniqueId('plan'),
    args: [{ ...fullRequest('inference-perf'), namespace: NAMESPACE }],
  });
  const plan = (await handle.result()) as RunPlan;
  expect(await madeBy(handle)).toEqual([]);
  await kubectl('create', 'namespace', NAMESPACE).catch(() => undefined);
  const file = join(folder, 'jobs.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: plan.jobs }));
  expect(await kubectl('apply', '--dry-run=server', '--server-side', '-f', file)).toContain('serverside-applied');
});

it('a plan reads a referenced catalog from the worker’s file or from this machine’s', async () => {
  const asked = { cluster: 'local', catalog: { file: 'examples/quick-catalog.yaml' } };
  const plan = await site.proctor.plan(asked);
  expect(plan.jobs.length).toBeGreaterThan(0);
  expect(await site.proctor.plan(asked, { locally: true })).toEqual(plan);
});

it('planning a bad request fails as its run would, with every fault', async () => {
  const bad = request([{ name: 'a', script: '' }], { skipChecks: ['b'], checks: { conformance: ['a'] } });
  const faults = /request\.checks\.conformance\[0\].*\n.*request\.skipChecks\[0\]/;
  const handle = await site.proctor.client.workflow.start('planValidation', {
    taskQueue: 'proctor',
    workflowId: uniqueId('plan-bad'),
    args: [bad],
  });
  expect(await failureOf(handle)).toMatchObject({ type: 'InvalidRequest', message: expect.stringMatching(faults) });
  const here = site.proctor.plan(bad, { locally: true });
  await expect(here).rejects.toThrow(faults);
  await expect(here).rejects.toBeInstanceOf(InvalidRequest);
});

it('a run deploys what its plan says, field by field', async () => {
  const name = 'inference-perf';
  const id = uniqueId('planned-run');
  const asked = fullRequest(name, { runId: uniqueId('planned') });
  const handle = await site.proctor.start(asked, { workflowId: id });
  try {
    const live = await until('the Job is there', async () => {
      const [found] = await listObjects(
        'jobs',
        '-n',
        NAMESPACE,
        '-l',
        `aicr.run/run-id=${asked.runId}`,
        '--show-managed-fields',
      );
      return found as unknown as Job & { metadata: { managedFields: ManagedFields[] } };
    });
    const plan = await site.proctor.planOf(id);
    expect(plan.placeholders).toEqual({});
    // No pod has the label app=nice. The run warns of that; a plan cannot, since it does not ask the cluster.
    expect(plan.warnings).toContainEqual(
      expect.stringMatching(/^validator inference-perf: dependencyAffinity selector matched zero pods .*"app=nice"/),
    );
    const [job] = plan.jobs;

    // Everything that is planned is deployed …
    expect(live).toMatchObject(asStored(job));
    // … and everything that was applied is planned: the API server records the fields that each manager has applied.
    const sent = live.metadata.managedFields.find(({ manager }) => manager === 'aicr-validator');
    expect(sent?.operation).toBe('Apply');
    expect(missing(sent?.fieldsV1 ?? {}, job)).toEqual([]);

    // The plan before the run differs only in its placeholders.
    const before = await site.proctor.plan(asked, { locally: true });
    const known: Record<string, string> = {
      'planned-anchor-uid': job?.metadata.ownerReferences?.[0]?.uid ?? '',
      'planned-installation': job?.metadata.labels?.['proctor.run/installation'] ?? '',
      'planned-workflow-run-id': handle.firstExecutionRunId,
      'planned-workflow-id': id,
    };
    expect(Object.keys(before.placeholders).sort()).toEqual(Object.keys(known).sort());
    const filled = JSON.stringify(before.jobs).replaceAll(
      /planned-(anchor-uid|installation|workflow-run-id|workflow-id)/g,
      (text) => known[text] ?? text,
    );
    expect(JSON.parse(filled)).toEqual(plan.jobs);
  } finally {
    await command(stack.temporal.cli, ['workflow', 'cancel', '-w', id], site.env);
    await handle.result().catch(() => undefined);
  }
});

/** The API server drops an empty string. */
function asStored(job: Job | undefined): object {
  return JSON.parse(JSON.stringify(job).replaceAll(',"value":""', ''));
}

interface ManagedFields {
  manager: string;
  operation: string;
  fieldsV1: Fields;
}
interface Fields {
  [key: string]: Fields;
}

/**
 * The fields of a managed-fields set that an object lacks. In such a set `f:` stands for a field, `k:` for a list item
 * by its keys, and `v:` for an item of a set.
 */
function missing(fields: Fields, value: unknown, path = ''): string[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    if (key === '.' || key.startsWith('v:')) return [];
    const found = key.startsWith('k:') ? itemOf(value, JSON.parse(key.slice(2))) : fieldOf(value, key.slice(2));
    return found === undefined ? [`${path}.${key}`] : missing(inner, found, `${path}.${key}`);
  });
}

function itemOf(value: unknown, keys: Record<string, unknown>): unknown {
  const items = Array.isArray(value) ? value : [];
  return items.find((item) => Object.entries(keys).every(([name, key]) => fieldOf(item, name) === key));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

it('a request without a namespace is planned and run in the namespace that the worker’s clusters file names', async () => {
  const asked = { ...request([{ name: 'there', script: 'exit 0' }]), cluster: 'elsewhere' };
  const handle = await site.proctor.start(asked, { workflowId: uniqueId('elsewhere') });
  const { verdict, reports } = await handle.result();
  expect(verdict).toBe('passed');
  expect(await kubectl('get', 'configmaps', '-n', ELSEWHERE, '-o', 'name')).toContain(reports[0]);
  const plans = [
    await site.proctor.planOf(handle.workflowId),
    await site.proctor.plan(asked, { locally: false }),
    await site.proctor.plan({ ...asked, namespace: NAMESPACE }, { locally: false }),
  ];
  const namespaces = plans.map(({ namespace, jobs }) => [namespace, jobs[0]?.metadata.namespace]);
  expect(namespaces).toEqual([ELSEWHERE, ELSEWHERE, NAMESPACE].map((namespace) => [namespace, namespace]));
});
