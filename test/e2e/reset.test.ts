import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import type { RunHandle, RunResult } from '../../src/client.ts';
import {
  createSite,
  jobsCreated,
  release,
  request,
  type Site,
  traces,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('reset');
  await site.startWorker();
});

/** Back to where it had begun no validator yet. */
async function resetToBeforeItsValidators({ workflowId }: RunHandle): Promise<void> {
  const { client } = site.proctor;
  const handle = client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const begun = events?.find(({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child != null);
  const { workflowTaskCompletedEventId: at } = begun?.startChildWorkflowExecutionInitiatedEventAttributes ?? {};
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: (await handle.describe()).runId },
    reason: 'test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: at ?? null,
  });
}

it('a run that is reset takes the verdicts that are there, and waits for those that come: no second Job', async () => {
  const [ended, goesOn] = [uniqueId('ended'), uniqueId('goes-on')];
  const handle = await site.proctor.start(
    request([
      { name: ended, script: 'echo once > /dev/termination-log; exit 1' },
      { name: goesOn, script: `${UNTIL_RELEASED}; echo once too > /dev/termination-log; exit 1` },
    ]),
    { workflowId: uniqueId('reset') },
  );
  await until('one has ended and the other runs', async () => {
    const { validators } = await site.proctor.progress(handle.workflowId);
    const state = (name: string) => validators.find((validator) => validator.name === name)?.state;
    return state(ended) === 'failed' && state(goesOn) === 'running' && (await jobsCreated(goesOn)) === 1;
  });

  await resetToBeforeItsValidators(handle);
  await release(`aicr.run/validator=${goesOn}`);

  const result: RunResult = await site.proctor.result(handle.workflowId);
  expect(result).toMatchObject({ verdict: 'failed', cleanup: 'complete', left: [] });
  expect(result.problems.map(({ name, status, message }) => ({ name, status, message }))).toEqual([
    { name: ended, status: 'failed', message: 'once\n' },
    { name: goesOn, status: 'failed', message: 'once too\n' },
  ]);
  expect(await jobsCreated(ended)).toBe(1);
  expect(await jobsCreated(goesOn)).toBe(1);
  expect((await traces(result.runId)).sort()).toEqual(result.reports.map((name) => `ConfigMap/${name}`).sort());
});

it('a second run with the id of an earlier one begins its validators anew', async () => {
  const workflowId = uniqueId('again');
  const name = uniqueId('again');
  const runOnce = async () =>
    (await site.proctor.start(request([{ name, script: 'exit 0' }]), { workflowId })).result();
  expect(await runOnce()).toMatchObject({ verdict: 'passed' });
  expect(await runOnce()).toMatchObject({ verdict: 'passed' });
  expect(await jobsCreated(name)).toBe(2);
});

// A reset delivers again what a validator had said of its queue, but not always that it came out of it.
it('a run that hears of a queue that nobody is in leaves no validator out', async () => {
  const [first, second] = [uniqueId('first'), uniqueId('second')];
  const handle = await site.proctor.start(
    request(
      [
        { name: first, script: UNTIL_RELEASED },
        { name: second, script: 'exit 1' },
      ],
      { parallelism: 1 },
    ),
    { workflowId: uniqueId('held') },
  );
  await until('the first runs', async () => (await jobsCreated(first)) === 1);
  const room = { validator: 'nobody', waits: true };
  await site.proctor.client.workflow.getHandle(handle.workflowId).signal('room', room);
  await release(`aicr.run/validator=${first}`);
  expect(await handle.result()).toMatchObject({ verdict: 'failed', counts: { tests: 2, passed: 1, failed: 1 } });
});
