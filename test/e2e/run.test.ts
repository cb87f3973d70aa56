import { validate } from 'ctrf';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/client.ts';
import { createSite, kubectl, listObjects, NAMESPACE, request, type Site, traces, uniqueId } from './harness.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite('run');
  await site.startWorker();
});

describe('a run of a catalog', () => {
  let result: RunResult;
  const id = uniqueId('validate-local');

  beforeAll(async () => {
    const handle = await site.proctor.start(
      request(
        [
          { name: 'passes', script: 'echo one; echo two; echo fine > /dev/termination-log' },
          { name: 'fails', script: 'echo broken > /dev/termination-log; exit 1' },
          { name: 'skips', script: 'exit 2', phase: 'conformance' },
          { name: 'eats-memory', script: 'exec tail /dev/zero', phase: 'conformance' },
          { name: 'talks-a-lot', script: 'seq 5000', phase: 'performance' },
          { name: 'left-out', script: 'exit 1', phase: 'performance' },
        ],
        { skipChecks: ['left-out'] },
      ),
      { workflowId: id },
    );
    result = await handle.result();
  });

  const test = (name: string) => result.report.results.tests.find((candidate) => candidate.name === name);

  it('returns the verdict, the counts and the problems', () => {
    expect(result).toMatchObject({
      verdict: 'failed',
      cluster: 'local',
      counts: { tests: 6, passed: 2, failed: 1, skipped: 2, other: 1 },
      cleanup: 'complete',
      left: [],
      problems: [
        { name: 'fails', status: 'failed', cause: 'completed', message: 'broken\n' },
        { name: 'eats-memory', status: 'other', cause: 'oom', message: 'Container OOMKilled' },
      ],
    });
  });

  it('returns a valid CTRF report in the catalog’s order', () => {
    expect(validate(result.report).valid).toBe(true);
    expect(result.report.results.tests.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'passes passed',
      'fails failed',
      'skips skipped',
      'eats-memory other',
      'talks-a-lot passed',
      'left-out skipped',
    ]);
  });

  it('returns the last 1,000 lines of each log', () => {
    expect(test('passes')?.stdout).toEqual(['one', 'two']);
    expect(test('talks-a-lot')?.stdout?.length).toBe(1000);
    expect(test('talks-a-lot')?.stdout?.at(-1)).toBe('5000');
  });

  it('reports why a validator of the skip list did not run', () => {
    expect(test('left-out')).toMatchObject({
      message: expect.stringContaining('skipChecks'),
      extra: { skipReason: 'named-in-skip-checks' },
    });
  });

  it('leaves nothing but one report for each phase, which expires', async () => {
    const phases = ['deployment', 'conformance', 'performance'];
    expect(result.reports).toEqual(phases.map((phase) => `aicr-ctrf-${result.runId}-${phase}`));
    expect((await traces(result.runId)).sort()).toEqual(result.reports.map((name) => `ConfigMap/${name}`).sort());
    const report = JSON.parse(
      await kubectl('get', 'configmap', '-n', NAMESPACE, result.reports[0] ?? '', '-o', 'json'),
    );
    expect(Date.parse(report.metadata.annotations['proctor.run/expires'])).toBeGreaterThan(Date.now());
    expect(validate(JSON.parse(report.data['report.json'])).valid).toBe(true);
  });

  it('shows its progress, and a summary of each validator in the Web UI', async () => {
    const progress = await site.proctor.progress(id);
    expect(progress).toMatchObject({ total: 6, done: 6, step: 'done' });
    const description = await site.proctor.client.workflow.getHandle(`${id}/deployment/passes`).describe();
    expect(await description.staticSummary()).toBe('passes (deployment) on local');
  });
});

describe('a run that fails fast', () => {
  it('skips the phases after a failed one, and reports why', async () => {
    const validators = [
      { name: 'fails', script: 'exit 1' },
      { name: 'later', script: 'exit 0', phase: 'conformance' },
    ];
    const handle = await site.proctor.start(request(validators, { failFast: true }), {
      workflowId: uniqueId('fail-fast'),
    });
    const { counts, report } = await handle.result();
    expect(counts).toMatchObject({ failed: 1, skipped: 1 });
    expect(report.results.tests[1]).toMatchObject({
      name: 'later',
      status: 'skipped',
      message: 'skipped due to previous phase failure',
    });
    expect(await listObjects('jobs', '-n', NAMESPACE, '-l', 'aicr.run/validator=later')).toEqual([]);
  });
});
