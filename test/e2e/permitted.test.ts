import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyKubeconfig } from '../kubeconfig.ts';
import {
  createSite,
  kubectl,
  listObjects,
  NAMESPACE,
  request,
  type Site,
  stack,
  sweep,
  traces,
  UNTIL_SIGTERM,
  uniqueId,
  until,
  type WorkerProcess,
} from './harness.ts';

const ROLE = 'examples/worker-role.yaml';
const folder = mkdtempSync(join(tmpdir(), 'proctor-permitted-'));
let site: Site;
let worker: WorkerProcess;

/** The worker may do what the example's role allows and nothing else. */
beforeAll(async () => {
  await kubectl('apply', '-f', ROLE);
  const token = (await kubectl('create', 'token', 'proctor', '-n', 'proctor')).trim();
  const KUBECONFIG = copyKubeconfig(stack.cluster.kubeconfig, join(folder, 'kubeconfig'), { token });
  site = await createSite('permitted');
  worker = await site.startWorker({ KUBECONFIG, PROCTOR_SWEEP_INTERVAL: 'off', PROCTOR_ALLOW_NAMESPACES: '*' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await worker?.end();
  await kubectl('delete', '-f', ROLE, '--ignore-not-found');
});

it('the example role permits two runs at once in two namespaces, with failures, kept Jobs and cleanup', async () => {
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

it('the example role permits a sweep of what a terminated run left', async () => {
  const name = uniqueId('permitted-swept');
  const handle = await site.proctor.start(request([{ name, script: UNTIL_SIGTERM }]), {
    workflowId: name,
  });
  await until('its Job is there', async () => {
    const jobs = await listObjects('jobs', '-n', NAMESPACE, '-l', `aicr.run/validator=${name}`);
    return jobs.length === 1;
  });
  const { runId } = await site.proctor.progress(name);
  await handle.terminate('to be swept');
  const swept = await sweep(site);
  expect(swept.failed).toEqual([]);
  await until('nothing is left of it', async () => (await traces(runId)).length === 0);
  expect(worker.output).not.toMatch(/forbidden/i);
});
