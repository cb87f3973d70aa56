import { beforeAll, expect, it } from 'vitest';
import { createSite, kubectl, request, type Site, traces, UNTIL_SIGTERM, uniqueId, untilOneIsDone } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('namespace-deleted');
  await site.startWorker({ PROCTOR_ALLOW_NAMESPACES: '*' });
});

it('a run whose namespace is deleted keeps the verdicts that it had and says what is lost', async () => {
  const namespace = uniqueId('deleted');
  const id = uniqueId('namespace-deleted');
  const validators = [
    { name: 'quick', script: 'echo done > /dev/termination-log' },
    { name: 'slow', script: UNTIL_SIGTERM },
  ];
  const handle = await site.proctor.start(request(validators, { namespace }), { workflowId: id });
  const { runId } = await untilOneIsDone(site, id, 'slow', namespace);

  await kubectl('delete', 'namespace', namespace, '--wait=false');

  const { verdict, counts, problems, cleanup, reports, warnings, report } = await handle.result();
  expect({ verdict, cleanup, reports }).toEqual({ verdict: 'other', cleanup: 'complete', reports: [] });
  expect(counts).toMatchObject({ passed: 1, other: 1 });
  expect(problems).toMatchObject([{ name: 'slow', cause: expect.stringMatching(/^(interrupted|job-deleted)$/) }]);
  expect(warnings).toEqual([expect.stringMatching(/^the report of phase deployment is not on the cluster: /)]);
  expect(report.results.tests).toMatchObject([
    { name: 'quick', status: 'passed', message: 'done\n' },
    { name: 'slow', status: 'other', extra: { lost: expect.any(String) } },
  ]);
  expect(await traces(runId)).toEqual([]);
});
