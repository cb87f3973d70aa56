import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { FaultProxy } from '../fakes/fault-proxy.ts';
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

interface KubeConfigFile {
  clusters: { cluster: { server: string } }[];
}

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

/** A worker whose way to the real API server leads through a proxy; the cluster is known by the given name. */
async function workerBehindProxy(name: string): Promise<FaultProxy> {
  const config = parse(readFileSync(stack.cluster.kubeconfig, 'utf8')) as KubeConfigFile;
  const proxy = await FaultProxy.before(new URL(config.clusters[0]?.cluster.server ?? ''));
  proxies.push(proxy);
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${proxy.port}`;
  const KUBECONFIG = join(folder, name);
  writeFileSync(KUBECONFIG, stringify(config));
  await site.startWorker({ KUBECONFIG, PROCTOR_CLUSTER: name });
  return proxy;
}

const seconds = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1000));

/** Two validators that are to end while the trouble lasts, and two after it. */
function validators(prefix: string) {
  return [
    { name: `${prefix}-early-pass`, script: UNTIL_RELEASED },
    { name: `${prefix}-early-fail`, script: `${UNTIL_RELEASED}; echo early > /dev/termination-log; exit 1` },
    { name: `${prefix}-late-pass`, script: UNTIL_RELEASED },
    { name: `${prefix}-late-skip`, script: `${UNTIL_RELEASED}; exit 2` },
  ];
}

async function end(...names: string[]): Promise<void> {
  await Promise.all(names.map((name) => release(`aicr.run/validator=${name}`)));
}

async function running(prefix: string): Promise<void> {
  await until('all validators run', async () => {
    const pods = await listObjects('pods', '-n', 'aicr-validation');
    const ours = pods.filter(({ metadata }) => metadata.labels?.['aicr.run/validator']?.startsWith(prefix));
    return ours.length === 4 && ours.every(({ status }) => status?.phase === 'Running');
  });
}

async function hasRightVerdicts(prefix: string, result: Promise<unknown>): Promise<void> {
  expect(await result).toMatchObject({
    verdict: 'failed',
    cleanup: 'complete',
    counts: { passed: 2, failed: 1, skipped: 1 },
    problems: [{ name: `${prefix}-early-fail`, cause: 'completed', message: 'early\n' }],
  });
  expect(await jobsCreated(prefix)).toBe(4);
}

it('the API server is away for 60 s in the middle of a run: right verdicts, and no Job was made twice', async () => {
  const proxy = await workerBehindProxy('away');
  const prefix = uniqueId('away');
  const handle = await site.proctor.start(
    { ...request(validators(prefix)), cluster: 'away' },
    { workflowId: uniqueId('away') },
  );
  await running(prefix);
  await proxy.refuse();
  await end(`${prefix}-early-pass`, `${prefix}-early-fail`);
  await seconds(60);
  await proxy.accept();
  await end(`${prefix}-late-pass`, `${prefix}-late-skip`);
  await hasRightVerdicts(prefix, handle.result());
}, 240_000);

it('every connection is cut every 2 s for a minute: right verdicts, and no Job was made twice', async () => {
  const proxy = await workerBehindProxy('cut');
  const prefix = uniqueId('cut');
  const cutting = setInterval(() => proxy.cut(), 2_000);
  const handle = await site.proctor.start(
    { ...request(validators(prefix)), cluster: 'cut' },
    { workflowId: uniqueId('cut') },
  );
  const aMinute = seconds(60);
  await running(prefix);
  await end(`${prefix}-early-pass`, `${prefix}-early-fail`);
  await aMinute;
  clearInterval(cutting);
  await end(`${prefix}-late-pass`, `${prefix}-late-skip`);
  await hasRightVerdicts(prefix, handle.result());
}, 240_000);

it('24 validators at once: at most four connections to the API server at once, and they are few over the whole run', async () => {
  const proxy = await workerBehindProxy('calm');
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
  // Of several hundred calls. Five on a machine with room; a call that is given up on a busy one costs its connection.
  expect(proxy.opened).toBeLessThan(24);
}, 240_000);
