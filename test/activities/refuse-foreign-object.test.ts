import { expect, it } from 'vitest';
import { refuseForeignObject } from '../../src/activities/refuse-foreign-object.ts';
import { CONFIG_MAPS } from '../../src/cluster/resources.ts';
import { asFirstRunId, asWorkflowId } from '../../src/run/ids.ts';
import { withMarks } from '../../src/run/marks.ts';
import { client, owned, refusal } from '../fakes/client.ts';
import { FakeApiServer, json, only } from '../fakes/fake-api-server.ts';

const never = new AbortController().signal;
const own = { installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r1') };
const ref = { resource: CONFIG_MAPS, namespace: 'ns', name: 'proctor-r' };

async function found(metadata: object | undefined) {
  const server = owned(await FakeApiServer.start());
  if (metadata !== undefined) server.answer(only('GET', /configmaps\/proctor-r$/, json(200, { metadata })));
  return refuseForeignObject(client({ server: server.url.href }), ref, own, never);
}

it('accepts a name that is free, and the run’s own object', async () => {
  await found(undefined);
  await found(withMarks({}, own));
});

it('refuses the object of another run, even of the same workflow, and an object without marks', async () => {
  const other = await refusal(found(withMarks({}, { ...own, workflowRunId: asFirstRunId('r2') })));
  expect(other.kind).toBe('already-exists');
  expect(other.message).toContain('it belongs to another run, of workflow w: use another runId');
  expect((await refusal(found(withMarks({}, { ...own, installation: 'j' })))).kind).toBe('already-exists');
  expect((await refusal(found({}))).message).toContain('it does not belong to this run');
});
