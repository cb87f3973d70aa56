import { CancelledFailure } from '@temporalio/common';
import { beforeAll, expect, it } from 'vitest';
import { workflowErrorOf } from './failure.ts';
import {
  command,
  createSite,
  kubectl,
  listObjects,
  NAMESPACE,
  request,
  type Site,
  stack,
  traces,
  UNTIL_SIGTERM,
  uniqueId,
  until,
  untilOneIsDone,
} from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('cancelled');
  await site.startWorker();
});

it('a cancelled run ends Cancelled and leaves nothing but its partial report', async () => {
  const slow = uniqueId('slow');
  const id = uniqueId('cancelled');
  const validators = [
    { name: 'quick', script: 'echo done > /dev/termination-log' },
    { name: slow, script: UNTIL_SIGTERM },
    { name: 'never', script: 'exit 0', phase: 'conformance' },
  ];
  const handle = await site.proctor.start(request(validators), { workflowId: id });
  const { runId } = await untilOneIsDone(site, id, slow);

  await command(stack.temporal.cli, ['workflow', 'cancel', '-w', id], site.env);

  expect((await workflowErrorOf(handle)).cause).toBeInstanceOf(CancelledFailure);

  const report = `aicr-ctrf-${runId}-deployment`;
  expect(await traces(runId)).toEqual([`ConfigMap/${report}`]);
  const { data } = JSON.parse(await kubectl('get', 'configmap', '-n', NAMESPACE, report, '-o', 'json'));
  const { tests } = JSON.parse(data['report.json']).results;
  expect(tests).toMatchObject([
    { name: 'quick', status: 'passed', message: 'done\n' },
    { name: slow, status: 'other', rawStatus: 'cancelled' },
  ]);
});

it('a run that is cancelled while it prepares leaves nothing', async () => {
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

it('a validator that is cancelled alone deletes its Job at once, and its run continues', async () => {
  const slow = uniqueId('alone');
  const id = uniqueId('cancelled-one');
  const validators = [slow, uniqueId('stays')].map((name) => ({
    name,
    script: UNTIL_SIGTERM,
  }));
  const handle = await site.proctor.start(request(validators), { workflowId: id });
  const jobs = (name = slow) => listObjects('jobs', '-n', NAMESPACE, '-l', `aicr.run/validator=${name}`);
  await until('its Job is there', async () => (await jobs()).length === 1);
  await site.proctor.client.workflow.getHandle(`${id}/deployment/${slow}`).cancel();
  // The run is not cancelled yet, so only the validator can have deleted the Job.
  await until('its Job is gone', async () => (await jobs()).length === 0);
  // The validator's workflow closes a moment after its Job has gone, and only then does the run count it.
  await until('the run counts it', async () => (await site.proctor.progress(id)).done === 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
});
