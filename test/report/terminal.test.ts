import { expect, it } from 'vitest';
import { buildReport, type RanValidator } from '../../src/aicr/result/ctrf.ts';
import { sweepText } from '../../src/report/sweep-text.ts';
import { endedLine, progressLine, resultTable } from '../../src/report/terminal.ts';
import type { RunResult } from '../../src/run/run-result.ts';

const ran = (name: string, exitCode: number, terminationMsg = ''): RanValidator => ({
  name,
  phase: 'deployment',
  exitCode,
  terminationMsg,
  stdout: [],
  durationMs: 12_340,
});

const result = (more: Partial<RunResult> = {}): RunResult => ({
  verdict: 'passed',
  cluster: 'local',
  runId: 'run-1',
  counts: { tests: 1, passed: 1, failed: 0, skipped: 0, other: 0 },
  problems: [],
  cleanup: 'complete',
  left: [],
  kept: [],
  warnings: [],
  reports: [],
  report: buildReport({ results: [ran('nodes', 0)], startMs: 0, stopMs: 1, toolVersion: '1' }),
  ...more,
});

it('prints a passed run as a short table without further sections', () => {
  expect(resultTable(result()).split('\n')).toEqual([
    '  validator  phase        status      time  message',
    '✓ nodes      deployment   passed    12.3 s  ',
    '',
    '1 validators: 1 passed, 0 failed, 0 skipped, 0 other: passed on local (run run-1)',
    '',
    'cleanup complete: nothing is left on the cluster except the reports',
  ]);
});

it('prints problems, warnings and leftovers under titles', () => {
  const report = buildReport({
    results: [ran('nodes', 1, 'two\nlines'), ran('gpu', -1, 'pod never ran')],
    startMs: 0,
    stopMs: 1,
    toolVersion: '1',
  });
  const problem = { phase: 'deployment', message: 'pod never ran' } as const;
  const text = resultTable(
    result({
      verdict: 'failed',
      problems: [
        { ...problem, name: 'nodes', status: 'failed', cause: 'completed', message: 'two\nlines' },
        { ...problem, name: 'gpu', status: 'other', cause: 'image-pull', evidence: 'manifest unknown' },
      ],
      warnings: ['request.skip: names a check twice'],
      cleanup: 'incomplete',
      left: ['Job/aicr-gpu-1: still there'],
      report,
    }),
  );
  expect(text).toContain('✗ nodes      deployment   failed    12.3 s  two lines\n');
  expect(text).toContain('\nnot passed:\n  nodes: two lines\n  gpu: image-pull: manifest unknown\n');
  expect(text).toContain('\nwarnings:\n  request.skip: names a check twice\n');
  expect(text).toContain('\ncleanup incomplete: left on the cluster:\n  Job/aicr-gpu-1: still there');
});

it('prints what was kept, and until when', () => {
  const keptUntil = '2026-11-29T12:00:00.000Z';
  const text = resultTable(result({ kept: ['Job/aicr-gpu-1', 'ConfigMap/proctor-run-1'], keptUntil }));
  expect(text).toContain('nothing is left on the cluster except the reports and what was kept\n');
  expect(text).toContain(`\nkept until ${keptUntil}:\n  Job/aicr-gpu-1\n  ConfigMap/proctor-run-1`);
});

it('cuts a long message to one line', () => {
  const report = buildReport({ results: [ran('nodes', 1, 'x'.repeat(5000))], startMs: 0, stopMs: 1, toolVersion: '1' });
  const lines = resultTable(result({ report, warnings: ['y'.repeat(5000)] })).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(170);
});

it('prints why a validator did not pass', () => {
  const ended = { name: 'gpu', phase: 'deployment', message: 'manifest unknown' } as const;
  expect(endedLine({ ...ended, state: 'other', cause: 'image-pull' })).toBe(
    '! other   deployment/gpu  image-pull: manifest unknown',
  );
  expect(endedLine({ ...ended, state: 'failed', cause: 'completed' })).toBe(
    '✗ failed  deployment/gpu  manifest unknown',
  );
  expect(endedLine({ ...ended, state: 'passed', cause: 'completed' })).toBe('✓ passed  deployment/gpu');
});

it('prints the progress of a run and its running validators', () => {
  const validators = [
    { name: 'a', phase: 'deployment', state: 'passed' },
    { name: 'b', phase: 'deployment', state: 'running' },
  ] as const;
  const progress = { cluster: 'local', runId: 'r', step: 'phase deployment', total: 2, done: 1, warnings: [] };
  expect(progressLine({ ...progress, validators: [...validators] })).toBe('1/2 phase deployment: b');
});

it('prints a sweep and a dry run', () => {
  const swept = {
    cluster: 'local',
    runs: { found: 2, open: 1 },
    removed: ['Job/ns/a'],
    failed: ['ConfigMap/ns/b: forbidden'],
  };
  expect(sweepText({ ...swept, dryRun: true })).toBe(
    'would be removed: Job/ns/a\nfailed: ConfigMap/ns/b: forbidden\nlocal: 1 would be removed, 1 failed; objects of 2 runs were found, 1 of them open',
  );
  expect(sweepText({ ...swept, failed: [], dryRun: false })).toContain('local: 1 removed, 0 failed');
});
