import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InvalidRequest, type ValidateClusterRequest } from '../../src/client.ts';
import type { Job } from '../../src/kubernetes/types.ts';
import { failureOf, madeBy } from './failure.ts';
import {
  createSite,
  kubectl,
  listObjects,
  NAMESPACE,
  release,
  request,
  type Site,
  UNTIL_RELEASED,
  uniqueId,
  until,
} from './harness.ts';

const SECRET = uniqueId('hf');
const TOKEN = `hf_${randomBytes(20).toString('hex')}`;
let site: Site;

beforeAll(async () => {
  site = await createSite('forward');
  await site.startWorker();
  await kubectl('create', 'namespace', NAMESPACE).catch(() => undefined);
  await kubectl('create', 'secret', 'generic', SECRET, '-n', NAMESPACE, `--from-literal=token=${TOKEN}`);
});
afterAll(() => kubectl('delete', 'secret', SECRET, '-n', NAMESPACE, '--ignore-not-found'));

/** All texts in a value, including those that a history holds as the bytes of a payload. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('\n');
}

it('forwards a token from its Secret to the validator, and to no Job, history or report', async () => {
  const digest = createHash('sha256').update(TOKEN).digest('hex');
  const knows = `[ "$(printf %s "$HF_TOKEN" | sha256sum | cut -d" " -f1)" = ${digest} ] || exit 1; ${UNTIL_RELEASED}`;
  const id = uniqueId('forward');
  const asked = request([{ name: 'inference-perf', script: knows, phase: 'performance' }], {
    forward: { HF_TOKEN: { secretKeyRef: { name: SECRET, key: 'token' } } },
  });
  const handle = await site.proctor.start(asked, { workflowId: id });
  const ofRun = `proctor.run/workflow-run-id=${handle.firstExecutionRunId}`;
  const job = await until('the Job is there', async () => {
    const [found] = await listObjects('jobs', '-n', NAMESPACE, '-l', ofRun);
    return found as unknown as Job | undefined;
  });
  const environment = job.spec.template.spec.containers[0]?.env?.filter(({ name }) => name === 'HF_TOKEN');
  expect(environment).toEqual([{ name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: SECRET, key: 'token' } } }]);
  expect(JSON.stringify(job)).not.toContain(TOKEN);

  await release(ofRun);
  const result = await handle.result();
  expect(result).toMatchObject({ verdict: 'passed', counts: { passed: 1 } });
  for (const workflowId of [id, `${id}/performance/inference-perf`]) {
    const history = textsIn(await site.proctor.client.workflow.getHandle(workflowId).fetchHistory());
    expect(history).toContain(SECRET);
    expect(history).not.toContain(TOKEN);
    expect(history).not.toContain(Buffer.from(TOKEN).toString('base64').slice(0, 20));
  }
  const reports = await listObjects('configmaps', '-n', NAMESPACE, '-l', `aicr.run/run-id=${result.runId}`);
  expect(reports.length).toBeGreaterThan(0);
  expect(JSON.stringify(reports)).not.toContain(TOKEN);
});

it('refuses a token in clear text and says what to do instead; Proctor’s client refuses it before it is sent', async () => {
  const clear = {
    ...request([{ name: 'inference-perf', script: 'exit 0' }]),
    forward: { HF_TOKEN: TOKEN },
  } as unknown as ValidateClusterRequest;
  const workflowId = uniqueId('clear');
  const unsent = site.proctor.start(clear, { workflowId });
  await expect(unsent).rejects.toBeInstanceOf(InvalidRequest);
  await expect(unsent).rejects.toThrow(/request\.forward\.HF_TOKEN: is a secret.*secretKeyRef/);
  await expect(site.proctor.client.workflow.getHandle(workflowId).describe()).rejects.toThrow(/not found/);

  const handle = await site.proctor.client.workflow.start('validateCluster', {
    taskQueue: 'proctor',
    workflowId,
    args: [clear],
  });
  const failure = await failureOf(handle);
  expect(failure).toMatchObject({
    type: 'InvalidRequest',
    message: expect.stringMatching(/revoke this one.*secretKeyRef/),
  });
  expect(textsIn(failure)).not.toContain(TOKEN);
  expect(await madeBy(handle)).toEqual([]);
});
