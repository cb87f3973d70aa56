import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { beforeAll, expect, it } from 'vitest';
import {
  command,
  createSite,
  kubectl,
  listObjects,
  request,
  type Site,
  stack,
  traces,
  uniqueId,
  until,
} from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('cancelled');
  await site.startWorker();
});

it('a cancelled run ends Cancelled, and leaves its partial report and nothing else', async () => {
  const slow = uniqueId('slow');
  const id = uniqueId('cancelled');
  const validators = [
    { name: 'quick', script: 'echo done > /dev/termination-log' },
    { name: slow, script: 'trap "exit 0" TERM; sleep 600 & wait' },
    { name: 'never', script: 'exit 0', phase: 'conformance' },
  ];
  const handle = await site.proctor.start(request(validators), { workflowId: id });
  const { runId } = await until('quick has passed and slow runs', async () => {
    const progress = await site.proctor.progress(id);
    const [pod] = await listObjects('pods', '-n', 'aicr-validation', '-l', `aicr.run/validator=${slow}`);
    return progress.done === 1 && pod?.status?.phase === 'Running' && progress;
  });

  await command(stack.temporal.cli, ['workflow', 'cancel', '-w', id], site.env);

  const error = await handle.result().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);

  const report = `aicr-ctrf-${runId}-deployment`;
  expect(await traces(runId)).toEqual([`ConfigMap/${report}`]);
  const { data } = JSON.parse(await kubectl('get', 'configmap', '-n', 'aicr-validation', report, '-o', 'json'));
  const { tests } = JSON.parse(data['report.json']).results;
  expect(tests).toMatchObject([
    { name: 'quick', status: 'passed', message: 'done\n' },
    { name: slow, status: 'other', rawStatus: 'cancelled' },
  ]);
});

it('a run cancelled while it prepares leaves nothing at all', async () => {
  const id = uniqueId('cancelled-early');
  const handle = await site.proctor.start(request([{ name: 'unborn', script: 'exit 0' }]), { workflowId: id });
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  const left = await listObjects(
    'configmaps,serviceaccounts,clusterrolebindings,jobs',
    '--all-namespaces',
    '-l',
    `proctor.run/workflow-run-id=${handle.firstExecutionRunId}`,
  );
  expect(left.filter(({ metadata }) => !metadata.name.startsWith('aicr-ctrf-'))).toEqual([]);
});

it('a validator that is cancelled alone takes its Job back at once, and the run goes on without it', async () => {
  const slow = uniqueId('alone');
  const id = uniqueId('cancelled-one');
  const validators = [slow, uniqueId('stays')].map((name) => ({
    name,
    script: 'trap "exit 0" TERM; sleep 600 & wait',
  }));
  const handle = await site.proctor.start(request(validators), { workflowId: id });
  const jobs = (name = slow) => listObjects('jobs', '-n', 'aicr-validation', '-l', `aicr.run/validator=${name}`);
  await until('its Job is there', async () => (await jobs()).length === 1);
  await site.proctor.client.workflow.getHandle(`${id}/deployment/${slow}`).cancel();
  // Would anybody but the validator itself remove it, then when the run ends: that is only when it is cancelled, below.
  await until('its Job is gone', async () => (await jobs()).length === 0);
  // The run hears of it only after the validator's workflow: a moment after the Job has gone.
  await until('the run counts it', async () => (await site.proctor.progress(id)).done === 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
});
