import { beforeAll, expect, it } from 'vitest';
import type { ValidateClusterRequest } from '../../src/client.ts';
import { command, createSite, request, type Site, stack, uniqueId, until } from './harness.ts';

let searched: Site;
let bare: Site;

beforeAll(async () => {
  [searched, bare] = await Promise.all([createSite('searched'), createSite('bare')]);
  await Promise.all([searched.startWorker(), bare.startWorker({ PROCTOR_SEARCH_ATTRIBUTES: 'leave' })]);
});

const missing = { name: 'missing', script: 'exit 0', image: 'docker.io/proctor/no-such-image:1' };
const fine = { name: 'fine', script: 'exit 0' };
const asked = (): ValidateClusterRequest => request([fine, missing], { graces: { imagePull: '1s' } });

/** The ids of the workflows that the Temporal CLI lists for a query. */
async function found({ env }: Site, query: string): Promise<string[]> {
  const answer = await command(stack.temporal.cli, ['workflow', 'list', '--query', query, '-o', 'json'], env);
  const list = JSON.parse(answer) as { execution: { workflowId: string } }[];
  return list.map(({ execution }) => execution.workflowId).sort();
}

it('a run and its validators can be found by cause, state and cluster', async () => {
  const id = uniqueId('searched');
  const handle = await searched.proctor.start(asked(), { workflowId: id });
  const { runId } = await handle.result();
  const whole = `ProctorRunId="${runId}"`;
  // Temporal indexes each of the three workflows on its own, so a validator may show as completed after its run.
  await until(
    'all three show as completed',
    async () => (await found(searched, `${whole} AND ExecutionStatus="Completed"`)).length === 3,
  );
  const queries: [string, string[]][] = [
    ['ProctorCauses="image-pull"', [id, `${id}/deployment/missing`]],
    ['ProctorCauses="image-pull" AND WorkflowType="validateCluster"', [id]],
    [`${whole} AND ProctorState="other"`, [id, `${id}/deployment/missing`]],
    [`${whole} AND ProctorState="running"`, []],
    ['ProctorValidator="fine" AND ProctorState="passed"', [`${id}/deployment/fine`]],
    [`${whole} AND ProctorCluster="local"`, [id, `${id}/deployment/fine`, `${id}/deployment/missing`]],
    ['ProctorCauses="completed"', []],
  ];
  const answers = await Promise.all(queries.map(([query]) => found(searched, query)));
  expect(answers).toEqual(queries.map(([, ids]) => ids));
});

it('a cancelled run and its validator can be found as cancelled', async () => {
  const id = uniqueId('searched-cancelled');
  const slow = request([{ name: 'slow', script: 'sleep 600' }]);
  const handle = await searched.proctor.start(slow, { workflowId: id });
  const running = `ProctorState="running" AND WorkflowId STARTS_WITH "${id}"`;
  await until('both are running', async () => (await found(searched, running)).length === 2);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  const cancelled = `ProctorState="cancelled" AND WorkflowId STARTS_WITH "${id}"`;
  await until('both are cancelled', async () => (await found(searched, cancelled)).length === 2);
  expect(await found(searched, `ProctorCauses="cancelled" AND ProctorCleanup="complete"`)).toEqual([id]);
});

it('a run works in a namespace without the search attributes', async () => {
  const handle = await bare.proctor.start(asked(), { workflowId: uniqueId('bare') });
  expect(await handle.result()).toMatchObject({ verdict: 'other', cleanup: 'complete' });
  const { events } = await handle.fetchHistory();
  expect(
    events?.some(({ upsertWorkflowSearchAttributesEventAttributes: event }) => {
      const names = Object.keys(event?.searchAttributes?.indexedFields ?? {});
      return names.some((name) => name.startsWith('Proctor'));
    }),
  ).toBe(false);
  await expect(found(bare, 'ProctorCauses="image-pull"')).rejects.toThrow(/ProctorCauses/);
});
