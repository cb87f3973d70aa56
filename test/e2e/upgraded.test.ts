import { beforeAll, expect, it } from 'vitest';
import {
  command,
  createSite,
  jobsCreated,
  release,
  request,
  type Site,
  stack,
  UNTIL_RELEASED,
  uniqueId,
  until,
  type WorkerProcess,
} from './harness.ts';

const DEPLOYMENT = 'proctor';

let site: Site;

beforeAll(async () => {
  site = await createSite('upgraded');
});

function startBuild(buildId: string): Promise<WorkerProcess> {
  return site.startWorker({ TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT, TEMPORAL_WORKER_BUILD_ID: buildId });
}

/**
 * Makes new runs start on this build. Retries until the server accepts it, because the server learns of a build and of
 * each of its queues only from the workers' polls.
 */
async function makeCurrent(buildId: string): Promise<void> {
  const args = ['--deployment-name', DEPLOYMENT, '--build-id', buildId, '--yes'];
  const setCurrent = ['worker', 'deployment', 'set-current-version', ...args];
  await until(
    `${buildId} is current`,
    async () => (await command(stack.temporal.cli, setCurrent, site.env)) !== undefined,
  );
}

/** The build to which a run or one of its validators is pinned. */
async function buildOf(workflowId: string): Promise<string | undefined | null> {
  const { raw } = await site.proctor.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

it('a run stays on the version it started on, and a run started after the upgrade uses the new one', async () => {
  const old = await startBuild('old');
  await makeCurrent('old');
  const [first, second] = [uniqueId('first'), uniqueId('second')];
  // Two phases, so that the second validator's workflow starts after the upgrade, as a child of a run from before it.
  const validators = [
    { name: first, script: `${UNTIL_RELEASED}; exit 1` },
    { name: second, script: 'exit 0', phase: 'conformance' },
  ];
  const before = await site.proctor.start(request(validators), { workflowId: uniqueId('upgraded') });
  await until('the first Job is there', async () => (await jobsCreated(first)) === 1);

  await startBuild('new');
  await makeCurrent('new');
  const after = await site.proctor.start(request([{ name: uniqueId('after'), script: 'exit 0' }]), {
    workflowId: uniqueId('upgraded'),
  });

  expect(await after.result()).toMatchObject({ verdict: 'passed', cleanup: 'complete' });
  await release(`aicr.run/validator=${first}`);
  expect(await before.result()).toMatchObject({ verdict: 'failed', cleanup: 'complete', problems: [{ name: first }] });
  expect(await buildOf(after.workflowId)).toBe('new');
  expect(await buildOf(before.workflowId)).toBe('old');
  expect(await buildOf(`${before.workflowId}/conformance/${second}`)).toBe('old');
  expect(await jobsCreated(first)).toBe(1);
  await old.end();
});

it('a workflow with an input that only a newer worker understands waits for one and says so', async () => {
  const handle = await site.proctor.client.workflow.start('runValidator', {
    taskQueue: 'proctor',
    workflowId: uniqueId('from-the-future'),
    args: [{ version: 2 }],
  });
  const message = await until('the worker reports why the workflow waits', async () => {
    const { events } = await handle.fetchHistory();
    const failed = events?.find(({ workflowTaskFailedEventAttributes: failure }) => failure != null);
    return failed?.workflowTaskFailedEventAttributes?.failure?.message;
  });
  expect(message).toContain("knows version 1 of runValidator's input, not 2: it waits for a newer worker");
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
});
