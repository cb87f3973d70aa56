import { beforeAll, expect, it } from 'vitest';
import type { SweepResult } from '../../src/client.ts';
import {
  command,
  createSite,
  kubectl,
  request,
  runningPod,
  type Site,
  sweep,
  traces,
  UNTIL_SIGTERM,
  uniqueId,
  until,
} from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('swept');
  // Without its Schedule, which sweeps at every tenth minute of the clock and could remove what a terminated run left
  // before a test has looked at it.
  await site.startWorker({ PROCTOR_SWEEP_INTERVAL: 'off' });
});

/** Runs the `proctor` command as a user does. */
function proctor(...args: string[]): Promise<string> {
  return command(process.execPath, ['src/cli/proctor.ts', ...args], site.env);
}

/** Starts a run whose validator does not end by itself, and waits until the validator runs. */
async function startEndlessRun(): Promise<{ id: string; runId: string; terminate: () => Promise<unknown> }> {
  const name = uniqueId('endless');
  const id = uniqueId('swept');
  const handle = await site.proctor.start(request([{ name, script: UNTIL_SIGTERM }]), {
    workflowId: id,
  });
  const { runId } = await until(
    'the validator runs',
    async () => (await runningPod(name)) !== undefined && site.proctor.progress(id),
  );
  return { id, runId, terminate: () => handle.terminate('to be swept') };
}

it('a sweep removes all of a terminated run, as its dry run says, and leaves an open run alone', async () => {
  const open = await startEndlessRun();
  const ended = await startEndlessRun();
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

it('a sweep leaves the objects of `aicr validate` and of another Proctor installation alone', async () => {
  const run = uniqueId('foreign');
  const aicr = ['app.kubernetes.io/name=aicr', 'app.kubernetes.io/managed-by=aicr', `aicr.run/run-id=${run}`];
  const other = [...aicr, 'proctor.run/installation=another', `proctor.run/workflow-run-id=${run}`];
  await kubectl('create', 'configmap', `aicr-snapshot-${run}`, '-n', 'default');
  await kubectl('create', 'configmap', `proctor-${run}`, '-n', 'default');
  try {
    await kubectl('label', 'configmap', `aicr-snapshot-${run}`, '-n', 'default', ...aicr);
    await kubectl('label', 'configmap', `proctor-${run}`, '-n', 'default', ...other);
    await sweep(site, { minAge: '0s' });
    expect((await traces(run)).sort()).toEqual([`ConfigMap/aicr-snapshot-${run}`, `ConfigMap/proctor-${run}`]);
  } finally {
    await kubectl('delete', 'configmap', '-n', 'default', `aicr-snapshot-${run}`, `proctor-${run}`);
  }
});

it('two sweeps at once both succeed', async () => {
  const ended = await startEndlessRun();
  await ended.terminate();
  const both = await Promise.all([sweep(site), sweep(site)]);
  expect(both.flatMap(({ failed }) => failed)).toEqual([]);
  await until('nothing is left', async () => (await traces(ended.runId)).length === 0);
});

it('a sweep removes the objects of a run that Temporal does not know only once they are old enough', async () => {
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
  await sweep(site);
  expect(await traces(run)).toEqual([`ConfigMap/${name}`]);
  await sweep(site, { minAge: '0s' });
  // The sweep deletes in the foreground, so the object disappears when the garbage collector has finished.
  await until('it is gone', async () => (await traces(run)).length === 0);
});

it('`proctor sweep` refuses an invalid option, and fails if no worker serves the cluster', async () => {
  const unserved = expect(proctor('sweep', 'elsewhere')).rejects.toThrow(
    'proctor: no worker serves cluster elsewhere: no worker took a task from queue proctor.elsewhere.cleanup within 30s',
  );
  const refused = proctor('sweep', 'local', '--min-age', 'soon');
  await expect(refused).rejects.toThrow(
    'proctor: the request has 1 fault, and nothing was removed:\n  request.minAge: must be a duration such as 90s or 5m, not "soon"',
  );
  await unserved;
});
