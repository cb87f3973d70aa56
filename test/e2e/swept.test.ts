import { beforeAll, expect, it } from 'vitest';
import type { SweepResult } from '../../src/client.ts';
import { command, createSite, kubectl, listObjects, request, type Site, traces, uniqueId, until } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('swept');
  // Without its Schedule, which would sweep whenever the clock shows a tenth minute: also between a terminated run and a look at what it left.
  await site.startWorker({ PROCTOR_SWEEP_INTERVAL: 'off' });
});

/** The `proctor` command, as its user runs it. */
function proctor(...args: string[]): Promise<string> {
  return command(process.execPath, ['src/cli/proctor.ts', ...args], site.env);
}

async function sweep(input: { dryRun?: boolean; minAge?: string } = {}): Promise<SweepResult> {
  const args = [{ cluster: 'local', ...input }];
  return site.proctor.client.workflow.execute('sweep', { taskQueue: 'proctor', workflowId: uniqueId('sweep'), args });
}

/** A run whose validator runs and will not end by itself. */
async function running(): Promise<{ id: string; runId: string; terminate: () => Promise<unknown> }> {
  const name = uniqueId('endless');
  const id = uniqueId('swept');
  const handle = await site.proctor.start(request([{ name, script: 'trap "exit 0" TERM; sleep 600 & wait' }]), {
    workflowId: id,
  });
  const { runId } = await until('the validator runs', async () => {
    const [pod] = await listObjects('pods', '-n', 'aicr-validation', '-l', `aicr.run/validator=${name}`);
    return pod?.status?.phase === 'Running' && site.proctor.progress(id);
  });
  return { id, runId, terminate: () => handle.terminate('to be swept') };
}

it('an open run is not touched; a terminated one is removed whole, after a dry run that says so', async () => {
  const open = await running();
  const ended = await running();
  const before = (await traces(open.runId)).sort();
  expect(before.length).toBeGreaterThan(5);
  await ended.terminate();
  expect(await traces(ended.runId)).toContain(`ClusterRoleBinding/aicr-validator-${ended.runId}`);

  const dry = await proctor('sweep', 'local', '--dry-run');
  expect(dry).toContain(`would be removed: ClusterRoleBinding/aicr-validator-${ended.runId}\n`);
  expect(dry).not.toContain(open.runId);
  expect(await traces(ended.runId)).toContain(`ClusterRoleBinding/aicr-validator-${ended.runId}`);

  const swept: SweepResult = JSON.parse(await proctor('sweep', 'local', '--json'));
  expect(swept).toMatchObject({ failed: [], runs: { open: 1 } });
  await until('nothing is left of the terminated run', async () => (await traces(ended.runId)).length === 0);
  expect((await traces(open.runId)).sort()).toEqual(before);

  await site.proctor.client.workflow.getHandle(open.id).cancel();
  await until('the open run has cleaned up', async () =>
    (await traces(open.runId)).every((trace) => trace.includes('aicr-ctrf-')),
  );
});

it('what is not this installation’s is not touched: a live `aicr validate`, and another Proctor', async () => {
  const run = uniqueId('foreign');
  const aicr = ['app.kubernetes.io/name=aicr', 'app.kubernetes.io/managed-by=aicr', `aicr.run/run-id=${run}`];
  const other = [...aicr, 'proctor.run/installation=another', `proctor.run/workflow-run-id=${run}`];
  await kubectl('create', 'configmap', `aicr-snapshot-${run}`, '-n', 'default');
  await kubectl('create', 'configmap', `proctor-${run}`, '-n', 'default');
  try {
    await kubectl('label', 'configmap', `aicr-snapshot-${run}`, '-n', 'default', ...aicr);
    await kubectl('label', 'configmap', `proctor-${run}`, '-n', 'default', ...other);
    await sweep({ minAge: '0s' });
    expect((await traces(run)).sort()).toEqual([`ConfigMap/aicr-snapshot-${run}`, `ConfigMap/proctor-${run}`]);
  } finally {
    await kubectl('delete', 'configmap', '-n', 'default', `aicr-snapshot-${run}`, `proctor-${run}`);
  }
});

it('two sweeps at once do no harm', async () => {
  const ended = await running();
  await ended.terminate();
  const both = await Promise.all([sweep(), sweep()]);
  expect(both.flatMap(({ failed }) => failed)).toEqual([]);
  await until('nothing is left', async () => (await traces(ended.runId)).length === 0);
});

it('objects of a run that Temporal does not know are left alone while they are young, and removed when they are old', async () => {
  const { namespaceInfo } = await site.proctor.client.workflowService.describeNamespace({
    namespace: site.env.TEMPORAL_NAMESPACE ?? '',
  });
  const run = uniqueId('unknown');
  const name = `aicr-snapshot-${run}`;
  await kubectl('create', 'configmap', name, '-n', 'default');
  await kubectl(
    'label',
    'configmap',
    name,
    '-n',
    'default',
    `proctor.run/installation=${namespaceInfo?.id}`,
    `proctor.run/workflow-run-id=${run}`,
  );
  await kubectl('annotate', 'configmap', name, '-n', 'default', `proctor.run/workflow-id=${run}`);
  await sweep();
  expect(await traces(run)).toEqual([`ConfigMap/${name}`]);
  await sweep({ minAge: '0s' });
  // In the foreground, so that the garbage collector has the last word.
  await until('it is gone', async () => (await traces(run)).length === 0);
});

it('refuses a request that says nothing sensible, and a cluster that nobody serves', async () => {
  const unserved = expect(proctor('sweep', 'elsewhere')).rejects.toThrow(
    'proctor: no worker serves cluster elsewhere: no worker took a task from queue proctor.elsewhere.cleanup within 30s',
  );
  const refused = proctor('sweep', 'local', '--min-age', 'soon');
  await expect(refused).rejects.toThrow('proctor: request.minAge: must be a duration such as 90s or 1h');
  await unserved;
});
