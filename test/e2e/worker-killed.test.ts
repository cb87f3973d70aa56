import { beforeAll, expect, it } from 'vitest';
import { createSite, jobsCreated, request, runningPod, type Site, uniqueId, until } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('killed');
});

it('a new worker finishes the run of a killed one, with one Job and the right verdict', async () => {
  const first = await site.startWorker();
  const name = uniqueId('survives');
  const script = 'sleep 12; echo came through > /dev/termination-log; exit 1';
  const handle = await site.proctor.start(request([{ name, script }]), { workflowId: uniqueId('killed') });
  await until('the validator runs', () => runningPod(name));

  expect((await first.end('SIGKILL')).signal).toBe('SIGKILL');
  await site.startWorker();

  const { verdict, problems, cleanup } = await handle.result();
  expect({ verdict, cleanup }).toEqual({ verdict: 'failed', cleanup: 'complete' });
  expect(problems).toMatchObject([{ name, cause: 'completed', message: 'came through\n' }]);
  expect(await jobsCreated(name)).toBe(1);
});

it('a worker ends by itself on SIGTERM, and the validator that it waits for continues', async () => {
  const other = await createSite('stopped');
  const first = await other.startWorker();
  const name = uniqueId('continues');
  const handle = await other.proctor.start(request([{ name, script: 'sleep 8' }]), { workflowId: uniqueId('stopped') });
  await until('the Job is there', async () => (await jobsCreated(name)) === 1);

  expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
  await other.startWorker();

  expect(await handle.result()).toMatchObject({ verdict: 'passed', cleanup: 'complete' });
  expect(await jobsCreated(name)).toBe(1);
});
