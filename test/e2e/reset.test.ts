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

/** Resets a run to the workflow task before it started its first validator. */
async function resetToBeforeValidators({ workflowId }: RunHandle): Promise<void> {
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

it('a run that is reset reuses the verdicts it had, waits for the others, and creates no second Job', async () => {
  const [ended, running] = [uniqueId('ended'), uniqueId('running')];
  const handle = await site.proctor.start(
    request([
      { name: ended, script: 'echo once > /dev/termination-log; exit 1' },
      { name: running, script: `${UNTIL_RELEASED}; echo once too > /dev/termination-log; exit 1` },
    ]),
    { workflowId: uniqueId('reset') },
  );
  await until('one has ended and the other runs', async () => {
    const { validators } = await site.proctor.progress(handle.workflowId);
    const state = (name: string) => validators.find((validator) => validator.name === name)?.state;
    return state(ended) === 'failed' && state(running) === 'running' && (await jobsCreated(running)) === 1;
  });

  await resetToBeforeValidators(handle);
  await release(`aicr.run/validator=${running}`);

  const result: RunResult = await site.proctor.result(handle.workflowId);
  expect(result).toMatchObject({ verdict: 'failed', cleanup: 'complete', left: [] });
  expect(result.problems.map(({ name, status, message }) => ({ name, status, message }))).toEqual([
    { name: ended, status: 'failed', message: 'once\n' },
    { name: running, status: 'failed', message: 'once too\n' },
  ]);
  expect(await jobsCreated(ended)).toBe(1);
  expect(await jobsCreated(running)).toBe(1);
  expect((await traces(result.runId)).sort()).toEqual(result.reports.map((name) => `ConfigMap/${name}`).sort());
});

it('a second run with the workflow id of an earlier run executes its validators again', async () => {
  const workflowId = uniqueId('again');
  const name = uniqueId('again');
  const runOnce = async () =>
    (await site.proctor.start(request([{ name, script: 'exit 0' }]), { workflowId })).result();
  expect(await runOnce()).toMatchObject({ verdict: 'passed' });
  expect(await runOnce()).toMatchObject({ verdict: 'passed' });
  expect(await jobsCreated(name)).toBe(2);
});

// A reset delivers a validator's signal about waiting in a queue again, but not always the one about leaving the queue.
it('a run runs all its validators although a signal says that an unknown validator waits in a queue', async () => {
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
