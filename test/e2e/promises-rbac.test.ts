/**
 * Each promise of the activities that create and delete a run's RBAC, on a real cluster. AICR's package `job` has
 * functions of the same names.
 */

import type { ApplicationFailure } from '@temporalio/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIELD_MANAGER } from '../../src/aicr/constants.ts';
import { clusterRoleBindingName, serviceAccountName } from '../../src/aicr/job/names.ts';
import { asFirstRunId, asWorkflowId } from '../../src/run/ids.ts';
import type { RunScope } from '../../src/run/scope.ts';
import { failureOf, madeBy, workflowErrorOf } from './failure.ts';
import { kubectl, request, uniqueId } from './harness.ts';
import { appliedBy, type Identity, PromisesSite, type Rule } from './promises-site.ts';

let site: PromisesSite;
let restricted: Identity;

beforeAll(async () => {
  site = await PromisesSite.create();
  restricted = await site.startRestricted('restricted');
}, 240_000);

/** Which of a run's ClusterRoleBinding and ServiceAccount exist, by kind. */
async function rbacOf({ runId }: RunScope): Promise<string[]> {
  const binding = await site.find('clusterrolebinding', clusterRoleBindingName(runId));
  const account = await site.find('serviceaccount', serviceAccountName(runId));
  return [binding, account].flatMap((object) => object?.kind ?? []);
}

/** Creates a run's RBAC with the unrestricted worker. The worker of the cluster `cluster` is to clean it up. */
async function runWithRbac(cluster = 'local'): Promise<RunScope> {
  const run = site.run();
  await site.call('ensureRBAC', run, { anchor: await site.anchorOf(run) });
  return { ...run, cluster: { ...run.cluster, name: cluster } };
}

describe('serviceAccountName and clusterRoleBindingName', () => {
  it('differ between runs, so that cleaning up one run leaves the RBAC of an overlapping run alone', async () => {
    const [first, second] = [await runWithRbac(), await runWithRbac()];
    await site.call('cleanupRBAC', first, {});
    expect(await rbacOf(first)).toEqual([]);
    expect(await rbacOf(second)).toEqual(['ClusterRoleBinding', 'ServiceAccount']);
    await site.call('cleanupRBAC', second, {});
  });
});

describe('a run id that is used twice', () => {
  it('refuses the second run and leaves the first run’s objects alone', async () => {
    const first = await runWithRbac();
    const marks = { ...first.marks, workflowId: asWorkflowId('other'), workflowRunId: asFirstRunId('other') };
    const second = { ...first, marks };
    const anchor = await site.failure('ensureAnchor', second, {});
    expect(anchor).toMatchObject({ type: 'cluster/already-exists', nonRetryable: true });
    expect(anchor.message).toContain(`it belongs to another run, of workflow ${first.marks.workflowId}`);
    const elsewhere = await site.failure('ensureRBAC', second, { anchor: { name: 'none', uid: 'none' } });
    expect(elsewhere).toMatchObject({ type: 'cluster/already-exists', nonRetryable: true });
    for (const activity of ['cleanupRBAC', 'deleteAnchor'] as const) await site.call(activity, second, {});
    expect(await rbacOf(first)).toEqual(['ClusterRoleBinding', 'ServiceAccount']);
    await site.call('ensureAnchor', first, {});
    await site.call('cleanupRBAC', first, {});
  });
});

describe('ensureRBAC', () => {
  it('applies the ServiceAccount and the ClusterRoleBinding, and a second call changes nothing', async () => {
    const run = site.run();
    const anchor = await site.anchorOf(run);
    const both = async () => [
      await site.find('clusterrolebinding', clusterRoleBindingName(run.runId)),
      await site.find('serviceaccount', serviceAccountName(run.runId)),
    ];
    await site.call('ensureRBAC', run, { anchor });
    const made = await both();
    expect(made.map(appliedBy)).toEqual([[FIELD_MANAGER], [FIELD_MANAGER]]);
    expect(made[0]).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccountName(run.runId), namespace: site.namespace }],
    });
    await site.call('ensureRBAC', run, { anchor });
    expect(await both()).toEqual(made);
    await site.call('cleanupRBAC', run, {});
  });
});

describe('cleanupRBAC', () => {
  const get: Rule[] = [
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterrolebindings'], verbs: ['get'] },
  ];
  const getAndDelete = (resource: string): Rule[] =>
    get.map((rule) => (rule.resources.includes(resource) ? { ...rule, verbs: ['get', 'delete'] } : rule));

  const refused = (resource: string, name: string) =>
    expect.stringMatching(
      `^forbidden: delete ${resource}(\\.rbac\\.authorization\\.k8s\\.io)? ${name} .*cannot delete`,
    );

  it('deletes both, and succeeds if one of them is already gone', async () => {
    const run = await runWithRbac();
    await kubectl('delete', 'serviceaccount', serviceAccountName(run.runId), '-n', site.namespace);
    await site.call('cleanupRBAC', run, {});
    expect(await rbacOf(run)).toEqual([]);
    await site.call('cleanupRBAC', run, {});
  });

  it('reports each error separately if both deletes fail', async () => {
    const run = await runWithRbac('restricted');
    await restricted.allow(get);
    const failure = await site.failure('cleanupRBAC', run, {});
    expect(failure).toMatchObject({ type: 'several', nonRetryable: true });
    expect(failure.details).toEqual([
      {
        type: 'cluster/forbidden',
        message: refused('clusterrolebindings', clusterRoleBindingName(run.runId)),
        nonRetryable: true,
      },
      {
        type: 'cluster/forbidden',
        message: refused('serviceaccounts', serviceAccountName(run.runId)),
        nonRetryable: true,
      },
    ]);
    expect(await rbacOf(run)).toHaveLength(2);
  });

  it('deletes the binding even if the delete of the ServiceAccount fails', async () => {
    const run = await runWithRbac('restricted');
    await restricted.allow(getAndDelete('clusterrolebindings'));
    expect(await site.failure('cleanupRBAC', run, {})).toMatchObject({
      type: 'cluster/forbidden',
      message: refused('serviceaccounts', serviceAccountName(run.runId)),
    });
    expect(await rbacOf(run)).toEqual(['ServiceAccount']);
  });

  it('deletes the ServiceAccount even if the delete of the binding fails', async () => {
    const run = await runWithRbac('restricted');
    await restricted.allow(getAndDelete('serviceaccounts'));
    expect(await site.failure('cleanupRBAC', run, {})).toMatchObject({
      type: 'cluster/forbidden',
      message: refused('clusterrolebindings', clusterRoleBindingName(run.runId)),
    });
    expect(await rbacOf(run)).toEqual(['ClusterRoleBinding']);
    await kubectl('delete', 'clusterrolebinding', clusterRoleBindingName(run.runId));
  });
});

describe('a preparation whose later step fails', () => {
  const all = (group: string, ...resources: string[]): Rule => ({ apiGroups: [group], resources, verbs: ['*'] });
  const bindings = (...verbs: string[]): Rule => ({
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterrolebindings'],
    verbs,
  });

  const jobs = all('batch', 'jobs');
  const starting = (text: string) => expect.stringMatching(`^${text}`);

  it('is rolled back, so that a run that may not create its binding leaves nothing', async () => {
    await restricted.allow([all('', 'configmaps', 'serviceaccounts', 'pods'), jobs, bindings('get', 'list', 'delete')]);
    const handle = await site.site.proctor.start(
      { ...request([{ name: 'unborn', script: 'exit 0' }]), cluster: 'restricted', namespace: site.namespace },
      { workflowId: uniqueId('rolled-back') },
    );
    const failure = await failureOf(handle);
    expect(failure.type).toBe('cluster/forbidden');
    expect(failure.message).toMatch(/clusterrolebindings.* aicr-validator-.*cannot (patch|create) resource/);
    expect(await madeBy(handle)).toEqual([]);
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    expect(scheduled).toEqual(expect.arrayContaining(['ensureRBAC', 'cleanupRBAC']));
  });

  it('reports its own failure and each failure of the rollback separately', async () => {
    const configMaps: Rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create', 'patch'] };
    await restricted.allow([all('', 'serviceaccounts', 'pods'), configMaps, jobs, bindings('get', 'list')]);
    const runId = uniqueId('run');
    const handle = await site.site.proctor.start(
      {
        ...request([{ name: 'unborn', script: 'exit 0' }], { runId, cleanup: { timeout: '15s' } }),
        cluster: 'restricted',
        namespace: site.namespace,
      },
      { workflowId: uniqueId('not-rolled-back') },
    );
    const failure = (await workflowErrorOf(handle)).cause as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'several', nonRetryable: true });
    const words = [
      `forbidden: patch clusterrolebindings.* aicr-validator-${runId} .*cannot (patch|create) resource`,
      `the data ConfigMaps: forbidden: delete configmaps aicr-snapshot-${runId} `,
      `the data ConfigMaps: forbidden: delete configmaps aicr-validation-${runId} `,
      `the anchor: forbidden: delete configmaps proctor-${runId} `,
    ];
    const left = [`aicr-snapshot-${runId}`, `aicr-validation-${runId}`, `proctor-${runId}`];
    const still = left.map((name) => `ConfigMap/${name} is still there: its deletion was not requested`);
    expect(failure.details).toEqual([
      ...words.map((text) => ({ type: 'cluster/forbidden', message: starting(text), nonRetryable: true })),
      ...still.map((text) => ({ type: 'left', message: starting(text), nonRetryable: false })),
    ]);
    for (const text of [...words, ...still]) expect(failure.message).toMatch(new RegExp(text));
    await kubectl('delete', 'configmap', ...left, '-n', site.namespace);
  });
});
