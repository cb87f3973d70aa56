import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/client.ts';
import type { CleanupRequest } from '../../src/run/plan/validate-cluster-request.ts';
import {
  createSite,
  kubectl,
  listObjects,
  NAMESPACE,
  release,
  request,
  runningPod,
  type Site,
  sweep,
  traces,
  UNTIL_RELEASED,
  UNTIL_SIGTERM,
  uniqueId,
  until,
  untilOneIsDone,
} from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('kept');
  await site.startWorker();
});

interface Validator {
  name: string;
  script: string;
  rerunnable?: boolean;
}

async function start(validators: Validator[], cleanup: CleanupRequest) {
  const asked = request(validators, { cleanup, attempts: 2 });
  const { inline } = asked.catalog as { inline: { validators: object[] } };
  validators.forEach(({ rerunnable = false }, i) => {
    Object.assign(inline.validators[i] ?? {}, { rerunnable });
  });
  return site.proctor.start(asked, { workflowId: uniqueId('kept') });
}

const isReport = (trace: string) => trace.startsWith('ConfigMap/aicr-ctrf-');

/** What a run left except its reports: Jobs and ConfigMaps named as in its result, and the number of pods. */
async function remains(runId: string): Promise<{ pods: number; objects: string[] }> {
  const all = (await traces(runId)).filter((trace) => !isReport(trace));
  const results = await listObjects('configmaps,pods', '-n', NAMESPACE, '-l', `aicr.run/run-id=${runId}`);
  const jobs = all.filter((trace) => trace.startsWith('Job/')).map((trace) => trace.slice('Job/'.length));
  const pods = await Promise.all(
    jobs.map((job) => listObjects('pods', '-n', NAMESPACE, '-l', `batch.kubernetes.io/job-name=${job}`)),
  );
  const objects = new Set([...all, ...results.map(({ kind, metadata }) => `${kind}/${metadata.name}`)]);
  return { pods: pods.flat().length, objects: [...objects].filter((trace) => !isReport(trace)).sort() };
}

const results = (...jobs: string[]) => jobs.map((job) => `ConfigMap/proctor-result-${job}`);
const jobsOf = ({ kept }: RunResult) => kept.flatMap((name) => (name.startsWith('Job/') ? [name.slice(4)] : []));

/** Sets the expiry of everything that a run keeps to a time in the past. */
async function expire({ runId, kept }: RunResult): Promise<void> {
  const names = kept.filter((name) => name.startsWith('Job/') || name === `ConfigMap/proctor-${runId}`);
  await kubectl('annotate', '-n', NAMESPACE, '--overwrite', ...names, 'proctor.run/expires=2026-01-01T00:00:00Z');
}

describe.concurrent('the cleanup that a request asks for', () => {
  it.concurrent('keeps the Jobs that did not pass, including those of earlier attempts, until they expire', async () => {
    const [fine, fails, deleted] = [uniqueId('fine'), uniqueId('fails'), uniqueId('deleted')];
    const handle = await start(
      [
        { name: fine, script: 'exit 0' },
        { name: fails, script: 'echo what was wrong; exit 1' },
        { name: deleted, script: `trap "exit 0" TERM; ${UNTIL_RELEASED}`, rerunnable: true },
      ],
      { jobs: 'on-success', keepFor: '2h' },
    );
    const pod = await until('the first attempt runs', async () => (await runningPod(deleted))?.metadata.name);
    // With the first attempt's pod gone, `release` ends the second attempt's script.
    await kubectl('delete', 'pod', '-n', NAMESPACE, pod);
    await release(`aicr.run/validator=${deleted}`);
    const result = await handle.result();

    const kept = jobsOf(result);
    expect(kept).toEqual([expect.stringContaining(`aicr-${fails}-`), expect.stringContaining(`aicr-${deleted}-`)]);
    expect(result).toMatchObject({ verdict: 'failed', cleanup: 'complete', left: [] });
    const { objects, pods } = await remains(result.runId);
    expect(objects).toEqual([...result.kept].sort());
    expect(objects).toContain(`ConfigMap/proctor-${result.runId}`);
    expect(objects).not.toContain(`ConfigMap/aicr-snapshot-${result.runId}`);
    expect(pods).toBe(1);
    expect(await kubectl('logs', '-n', NAMESPACE, `job/${kept[0]}`)).toContain('what was wrong');

    const hours = (Date.parse(result.keptUntil ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.5);
    expect(hours).toBeLessThanOrEqual(2);
    const [job] = await listObjects('jobs', '-n', NAMESPACE, '-l', `aicr.run/validator=${fails}`);
    const { ttlSecondsAfterFinished } = (job as unknown as { spec: { ttlSecondsAfterFinished: number } }).spec;
    expect(Math.abs(ttlSecondsAfterFinished - 7_200)).toBeLessThan(300);

    await sweep(site);
    expect((await remains(result.runId)).objects).toEqual(objects);
    await expire(result);
    await sweep(site);
    await until('what was kept is gone', async () => (await remains(result.runId)).objects.length === 0);
    expect((await traces(result.runId)).filter(isReport)).toHaveLength(1);
  });

  it.concurrent('keeps everything of a run except its RBAC if the run never cleans up', async () => {
    const handle = await start([{ name: uniqueId('fine'), script: 'exit 0' }], { run: 'never' });
    const result = await handle.result();
    const { runId } = result;
    const [job = ''] = jobsOf(result);
    expect(result).toMatchObject({ verdict: 'passed', cleanup: 'complete', left: [] });
    const configMaps = [`proctor-${runId}`, `aicr-snapshot-${runId}`, `aicr-validation-${runId}`];
    const expected = [`Job/${job}`, ...configMaps.map((name) => `ConfigMap/${name}`), ...results(job)].sort();
    expect([...result.kept].sort()).toEqual(expected);
    await sweep(site);
    expect((await remains(runId)).objects).toEqual(expected);
    await expire(result);
    await sweep(site);
    await until('what was kept is gone', async () => (await remains(runId)).objects.length === 0);
  });

  it.concurrent('keeps nothing of a run that passed if a run is cleaned up on success', async () => {
    const handle = await start([{ name: uniqueId('fine'), script: 'exit 0' }], { run: 'on-success' });
    const result = await handle.result();
    expect(result).toMatchObject({ verdict: 'passed', cleanup: 'complete', left: [], kept: [] });
    expect(result).not.toHaveProperty('keptUntil');
    expect((await remains(result.runId)).objects).toEqual([]);
  });

  it.concurrent('keeps only the Jobs of a cancelled run that had ended', async () => {
    const [quick, slow] = [uniqueId('quick'), uniqueId('slow')];
    const validators = [
      { name: quick, script: 'exit 0' },
      { name: slow, script: UNTIL_SIGTERM },
    ];
    const handle = await start(validators, { run: 'never' });
    const { runId } = await untilOneIsDone(site, handle.workflowId, slow);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    const { objects } = await remains(runId);
    const jobs = objects.filter((object) => object.startsWith('Job/'));
    expect(jobs).toEqual([expect.stringContaining(`aicr-${quick}-`)]);
    expect(objects.filter((object) => /ServiceAccount|ClusterRoleBinding/.test(object))).toEqual([]);
    await kubectl('delete', 'configmap', '-n', NAMESPACE, `proctor-${runId}`, '--cascade=foreground');
  });
});
