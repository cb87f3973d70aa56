import { beforeAll, expect, it } from 'vitest';
import { createSite, request, type Site, traces, uniqueId } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('two');
  await site.startWorker();
});

it('two runs at once on one cluster do not affect each other', async () => {
  const script = (message: string, code: number) => `sleep 3; echo ${message} > /dev/termination-log; exit ${code}`;
  const start = (message: string, code: number) =>
    site.proctor.start(
      request([
        { name: 'same-name', script: script(message, code) },
        { name: 'other', script: 'sleep 1' },
      ]),
      { workflowId: uniqueId('two') },
    );
  const [one, two] = await Promise.all([start('first', 0), start('second', 1)]);
  const [first, second] = await Promise.all([one.result(), two.result()]);

  expect(first).toMatchObject({ verdict: 'passed', counts: { tests: 2, passed: 2 }, cleanup: 'complete' });
  expect(second).toMatchObject({ verdict: 'failed', counts: { tests: 2, passed: 1, failed: 1 }, cleanup: 'complete' });
  const message = (result: typeof first) =>
    result.report.results.tests.find(({ name }) => name === 'same-name')?.message;
  expect([message(first), message(second)]).toEqual(['first\n', 'second\n']);
  for (const { runId, reports } of [first, second])
    expect(await traces(runId)).toEqual(reports.map((name) => `ConfigMap/${name}`));
});
