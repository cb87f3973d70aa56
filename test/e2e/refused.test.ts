import type { ApplicationFailure } from '@temporalio/common';
import { beforeAll, expect, it } from 'vitest';
import type { ValidateClusterRequest } from '../../src/client.ts';
import { failureOf, madeBy } from './failure.ts';
import { createSite, request, type Site, uniqueId } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('refused');
  await site.startWorker();
});

async function refusal(bad: unknown): Promise<ApplicationFailure> {
  const handle = await site.proctor.start(bad as ValidateClusterRequest, { workflowId: uniqueId('refused') });
  const failure = await failureOf(handle);
  expect(await madeBy(handle)).toEqual([]);
  return failure;
}

it('names every fault of a bad request with the path of its field, and creates nothing', async () => {
  const good = { name: 'a', phase: 'deployment', image: 'img:1' };
  const failure = await refusal({
    cluster: 'local',
    paralelism: 3,
    skipChecks: ['nobody', 4],
    catalog: {
      inline: {
        validators: [
          good,
          { ...good },
          { name: 'Upper', phase: 'deployment', image: 'img:1' },
          { name: 'b', phase: 'dreaming', timeout: '5x' },
        ],
      },
    },
  });
  expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  for (const path of [
    'request.paralelism',
    'request.skipChecks[1]',
    'request.catalog.inline.validators[1].name',
    'request.catalog.inline.validators[2].name',
    'request.catalog.inline.validators[3].phase',
    'request.catalog.inline.validators[3].timeout',
    'request.catalog.inline.validators[3].image',
  ]) {
    expect(failure.message).toContain(`${path}:`);
  }
});

it('refuses a skip list that names an unknown validator', async () => {
  const failure = await refusal(request([{ name: 'a', script: 'exit 0' }], { skipChecks: ['b'] }));
  expect(failure).toMatchObject({ type: 'InvalidRequest', message: expect.stringContaining('request.skipChecks[0]') });
});

it('refuses a catalog file that the worker cannot read, and a file that is not a catalog', async () => {
  expect(await refusal({ cluster: 'local', catalog: { file: 'examples/no-such.yaml' } })).toMatchObject({
    type: 'InvalidRequest',
    message: expect.stringMatching(/request\.catalog\.file: ENOENT.*no-such\.yaml.*the worker reads it/),
  });
  expect(await refusal({ cluster: 'local', catalog: { file: 'examples/request.json' } })).toMatchObject({
    type: 'InvalidRequest',
  });
});

it('fails soon if no worker serves the cluster', async () => {
  const handle = await site.proctor.start(
    { ...request([{ name: 'a', script: 'exit 0' }]), cluster: 'atlantis' },
    { workflowId: uniqueId('unserved') },
  );
  const failure = await failureOf(handle);
  expect(failure).toMatchObject({
    type: 'ClusterNotServed',
    message: expect.stringMatching(/no worker serves cluster atlantis.*proctor\.atlantis/),
  });
});
