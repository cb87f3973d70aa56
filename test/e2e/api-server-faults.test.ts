import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultProxy } from '../fakes/fault-proxy.ts';
import { apiServerOf, copyKubeconfig } from '../kubeconfig.ts';
import {
  createSite,
  jobsCreated,
  listObjects,
  release,
  request,
  type Site,
  stack,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

let site: Site;
let folder: string;
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  site = await createSite('faults');
  folder = mkdtempSync(join(tmpdir(), 'proctor-faults-'));
});

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  rmSync(folder, { recursive: true });
});

/** Starts a worker that serves the cluster `name` and reaches the real API server through the returned proxy. */
async function startWorkerBehindProxy(name: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.before(apiServerOf(stack.cluster.kubeconfig));
  proxies.push(proxy);
  const server = `https://127.0.0.1:${proxy.port}`;
  const KUBECONFIG = copyKubeconfig(stack.cluster.kubeconfig, join(folder, name), { server });
  await site.startWorker({ KUBECONFIG, PROCTOR_CLUSTER: name });
  return proxy;
}

const seconds = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1000));

/** Two validators that the test ends during the fault, and two that it ends afterwards. */
function validators(prefix: string) {
  return [
    { name: `${prefix}-early-pass`, script: UNTIL_RELEASED },
    { name: `${prefix}-early-fail`, script: `${UNTIL_RELEASED}; echo early > /dev/termination-log; exit 1` },
    { name: `${prefix}-late-pass`, script: UNTIL_RELEASED },
    { name: `${prefix}-late-skip`, script: `${UNTIL_RELEASED}; exit 2` },
  ];
}

async function endValidators(...names: string[]): Promise<void> {
  await Promise.all(names.map((name) => release(`aicr.run/validator=${name}`)));
}

async function allRun(prefix: string): Promise<void> {
  await until('all validators run', async () => {
    const pods = await listObjects('pods', '-n', 'aicr-validation');
    const ours = pods.filter(({ metadata }) => metadata.labels?.['aicr.run/validator']?.startsWith(prefix));
    return ours.length === 4 && ours.every(({ status }) => status?.phase === 'Running');
  });
}

async function expectRightVerdicts(prefix: string, result: Promise<unknown>): Promise<void> {
  expect(await result).toMatchObject({
    verdict: 'failed',
    cleanup: 'complete',
    counts: { passed: 2, failed: 1, skipped: 1 },
    problems: [{ name: `${prefix}-early-fail`, cause: 'completed', message: 'early\n' }],
  });
  expect(await jobsCreated(prefix)).toBe(4);
}

it('a run has the right verdicts and no second Jobs after the API server was unreachable for 60 s', async () => {
  const proxy = await startWorkerBehindProxy('refused');
  const prefix = uniqueId('refused');
  const handle = await site.proctor.start(
    { ...request(validators(prefix)), cluster: 'refused' },
    { workflowId: uniqueId('refused') },
  );
  await allRun(prefix);
  await proxy.refuse();
  await endValidators(`${prefix}-early-pass`, `${prefix}-early-fail`);
  await seconds(60);
  await proxy.accept();
  await endValidators(`${prefix}-late-pass`, `${prefix}-late-skip`);
  await expectRightVerdicts(prefix, handle.result());
}, 240_000);

it('a run has the right verdicts and no second Jobs if all connections are cut every 2 s for a minute', async () => {
  const proxy = await startWorkerBehindProxy('cut');
  const prefix = uniqueId('cut');
  const cutting = setInterval(() => proxy.cut(), 2_000);
  const handle = await site.proctor.start(
    { ...request(validators(prefix)), cluster: 'cut' },
    { workflowId: uniqueId('cut') },
  );
  const aMinute = seconds(60);
  await allRun(prefix);
  await endValidators(`${prefix}-early-pass`, `${prefix}-early-fail`);
  await aMinute;
  clearInterval(cutting);
  await endValidators(`${prefix}-late-pass`, `${prefix}-late-skip`);
  await expectRightVerdicts(prefix, handle.result());
}, 240_000);

it('24 validators at once need at most four connections to the API server at a time, and few in all', async () => {
  const proxy = await startWorkerBehindProxy('calm');
  const prefix = uniqueId('calm');
  const all = Array.from({ length: 24 }, (_, i) => ({ name: `${prefix}-${i}`, script: 'echo hello' }));
  const start = performance.now();
  const handle = await site.proctor.start(
    { ...request(all, { parallelism: 24 }), cluster: 'calm' },
    { workflowId: uniqueId('calm') },
  );
  expect(await handle.result()).toMatchObject({ verdict: 'passed', cleanup: 'complete' });
  const took = Math.round(performance.now() - start);
  console.log(
    `24 validators: ${took} ms, ${proxy.opened} connections, at most ${proxy.mostOpen} at once, ${proxy.bytes} bytes read`,
  );
  expect(proxy.mostOpen).toBeLessThanOrEqual(4);
  // The run makes several hundred calls. An idle machine opens five connections. On a busy machine calls are abandoned,
  // and each costs its connection.
  expect(proxy.opened).toBeLessThan(24);
}, 240_000);
