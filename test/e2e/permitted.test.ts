import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SweepResult } from '../../src/client.ts';
import {
  createSite,
  kubectl,
  listObjects,
  request,
  type Site,
  traces,
  uniqueId,
  until,
  type WorkerProcess,
} from './harness.ts';

const ROLE = 'examples/worker-role.yaml';
const folder = mkdtempSync(join(tmpdir(), 'proctor-permitted-'));
let site: Site;
let worker: WorkerProcess;

/** A worker that may do what the example's role says, and nothing else. */
beforeAll(async () => {
  await kubectl('apply', '-f', ROLE);
  const token = (await kubectl('create', 'token', 'proctor', '-n', 'proctor')).trim();
  const config = JSON.parse(await kubectl('config', 'view', '--raw', '--flatten', '-o', 'json'));
  for (const each of config.users) each.user = { token };
  const KUBECONFIG = join(folder, 'kubeconfig');
  writeFileSync(KUBECONFIG, JSON.stringify(config));
  site = await createSite('permitted');
  worker = await site.startWorker({ KUBECONFIG, PROCTOR_SWEEP_INTERVAL: 'off', PROCTOR_ALLOW_NAMESPACES: '*' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await worker?.end();
  await kubectl('delete', '-f', ROLE, '--ignore-not-found');
});

it('may do all that a run needs, and its cleanup: also in two namespaces at a time, with trouble, and with something to keep', async () => {
  const namespaces = [uniqueId('permitted'), uniqueId('permitted')];
  const keeping = { jobs: 'on-success' as const, keepFor: '1m' };
  const validators = [
    { name: uniqueId('passes'), script: 'echo fine' },
    { name: uniqueId('fails'), script: 'exit 1' },
    { name: uniqueId('no-image'), script: 'exit 0', image: 'docker.io/proctor/no-such-image:1' },
  ];
  try {
    const handles = await Promise.all(
      namespaces.map((namespace) =>
        site.proctor.start(request(validators, { namespace, cleanup: keeping, graces: { imagePull: '1s' } }), {
          workflowId: uniqueId('permitted'),
        }),
      ),
    );
    for (const handle of handles) {
      const { counts, problems, cleanup, left, kept } = await handle.result();
      expect(counts).toMatchObject({ tests: 3, passed: 1, failed: 1, other: 1 });
      expect(problems.map(({ cause }) => cause).sort()).toEqual(['completed', 'image-pull']);
      expect({ cleanup, left }).toEqual({ cleanup: 'complete', left: [] });
      expect(kept.filter((object) => object.startsWith('Job/'))).toHaveLength(1);
    }
  } finally {
    await kubectl('delete', 'namespace', ...namespaces, '--ignore-not-found', '--wait=false');
  }
  expect(worker.output).not.toMatch(/forbidden/i);
});

it('may sweep what a terminated run left', async () => {
  const name = uniqueId('permitted-swept');
  const handle = await site.proctor.start(request([{ name, script: 'trap "exit 0" TERM; sleep 600 & wait' }]), {
    workflowId: name,
  });
  await until('its Job is there', async () => {
    const jobs = await listObjects('jobs', '-n', 'aicr-validation', '-l', `aicr.run/validator=${name}`);
    return jobs.length === 1;
  });
  const { runId } = await site.proctor.progress(name);
  await handle.terminate('to be swept');
  const swept: SweepResult = await site.proctor.client.workflow.execute('sweep', {
    taskQueue: 'proctor',
    workflowId: uniqueId('sweep'),
    args: [{ cluster: 'local' }],
  });
  expect(swept.failed).toEqual([]);
  await until('nothing is left of it', async () => (await traces(runId)).length === 0);
  expect(worker.output).not.toMatch(/forbidden/i);
});
