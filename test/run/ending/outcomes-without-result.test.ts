import { describe, expect, it } from 'vitest';
import { buildReport } from '../../../src/aicr/result/ctrf.ts';
import { finding } from '../../../src/run/ending/cause.ts';
import {
  cancelled,
  deployFailure,
  lost,
  skippedByCaller,
  skippedByPhase,
  unreachable,
} from '../../../src/run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../../../src/run/ending/validator-outcome.ts';
import { summarize } from '../../../src/run/summary.ts';

const validator = { name: 'a', phase: 'deployment' as const };
const nothing = { ...validator, startMs: 1, stopMs: 2, started: false, stored: false };
const none = { ...nothing, status: 'other', exitCode: -1 };
const skipped = { ...nothing, status: 'skipped', cause: 'skipped', exitCode: 2, stopMs: 1 };

describe('a validator without a result of its own', () => {
  it.each<[string, () => ValidatorOutcome, object]>([
    [
      'whose Job could not be made',
      () => deployFailure(validator, 'no', 1, 2),
      { ...none, cause: 'deploy-failed', message: 'failed to deploy Job: no' },
    ],
    [
      'whose run was cancelled',
      () => cancelled(validator, 1, 2),
      { ...none, cause: 'cancelled', message: 'cancelled: the run was cancelled before this validator ended' },
    ],
    [
      'whose cluster could not be asked may have run',
      () => unreachable(validator, 'gone', 1, 2),
      { ...none, cause: 'cluster-unreachable', message: 'validation failed: gone', started: true },
    ],
    [
      'whose workflow was ended by hand',
      () => lost(validator, 'terminated', 1, 2),
      { ...none, cause: 'cancelled', message: "the validator's workflow ended without a result: terminated" },
    ],
    [
      'that the caller left out',
      () => skippedByCaller(validator, 1),
      {
        ...skipped,
        message: 'skipped: named in skipChecks, so the caller declared this check out of scope for this run',
        extra: { skipReason: 'named-in-skip-checks' },
      },
    ],
    [
      'whose phase was left out',
      () => skippedByPhase(validator, 1),
      { ...skipped, message: 'skipped due to previous phase failure' },
    ],
  ])('%s says so', (_what, outcome, expected) => expect(outcome()).toStrictEqual(expected));

  it('has a message of at most 4096 bytes, however long the failure', () => {
    const long = 'x'.repeat(10_000);
    for (const outcome of [
      deployFailure(validator, long, 1, 2),
      unreachable(validator, long, 1, 2),
      lost(validator, long, 1, 2),
    ])
      expect(outcome.message).toMatch(/^[^x]*x{3900,4096}\.\.\. \[truncated \d+ bytes\]$/);
  });
});

it('a cause has evidence only where Kubernetes says something', () => {
  expect(finding('oom')).toStrictEqual({ cause: 'oom' });
  expect(finding('oom', '')).toStrictEqual({ cause: 'oom' });
  expect(finding('oom', 'killed')).toStrictEqual({ cause: 'oom', evidence: 'killed' });
});

describe('a run’s result', () => {
  const of = (status: ValidatorOutcome['status'], more: Partial<ValidatorOutcome> = {}): ValidatorOutcome => ({
    ...deployFailure(validator, 'no', 1, 2),
    status,
    ...more,
  });
  const report = buildReport({ results: [], startMs: 0, stopMs: 0, toolVersion: 'v1' });
  const summary = (outcomes: ValidatorOutcome[], left: string[] = [], kept: string[] = []) =>
    summarize({ cluster: 'c', runId: 'r', outcomes, left, kept, warnings: ['w'], reports: ['x'], report });

  it('counts each status, and names the worst as its verdict', () => {
    const outcomes = [of('passed'), of('passed'), of('failed'), of('skipped'), of('other'), of('other'), of('other')];
    const { problems, ...rest } = summary(outcomes);
    expect(rest).toStrictEqual({
      verdict: 'failed',
      cluster: 'c',
      runId: 'r',
      counts: { tests: 7, passed: 2, failed: 1, skipped: 1, other: 3 },
      cleanup: 'complete',
      left: [],
      kept: [],
      warnings: ['w'],
      reports: ['x'],
      report,
    });
    expect(problems.map(({ status }) => status)).toEqual(['failed', 'other', 'other', 'other']);
    expect(summary([of('passed'), of('skipped')]).verdict).toBe('passed');
    expect(summary([of('passed'), of('other')]).verdict).toBe('other');
  });

  it('warns of a report that the cluster would not have', () => {
    const end = {
      cluster: 'c',
      runId: 'r',
      outcomes: [of('passed')],
      left: [],
      kept: [],
      warnings: ['w'],
      reports: [],
      report,
    };
    expect(summarize({ ...end, unpublished: ['no'] })).toMatchObject({ verdict: 'passed', warnings: ['w', 'no'] });
    expect(summarize({ ...end, unpublished: ['no'] })).not.toHaveProperty('unpublished');
  });

  it('says what is left', () => {
    expect(summary([of('passed')], ['Job/x'])).toMatchObject({ cleanup: 'incomplete', left: ['Job/x'] });
  });

  it('says what was kept, a hundred names at most', () => {
    expect(summary([of('passed')], [], ['Job/x'])).toMatchObject({ cleanup: 'complete', kept: ['Job/x'] });
    const { kept } = summary([of('passed')], [], Array<string>(102).fill('Job/x'));
    expect(kept).toHaveLength(101);
    expect(kept.at(-1)).toBe('… 2 more');
  });

  it('tells a problem in at most 300 characters, and of Kubernetes’ words as many', () => {
    const long = 'y'.repeat(301);
    expect(summary([of('failed', { message: long, evidence: long })]).problems).toStrictEqual([
      { ...validator, status: 'failed', cause: 'deploy-failed', message: 'y'.repeat(300), evidence: 'y'.repeat(300) },
    ]);
    expect(Object.keys(summary([of('other')]).problems[0] ?? {})).not.toContain('evidence');
  });

  it('names a hundred problems at most', () => {
    expect(summary(Array<ValidatorOutcome>(101).fill(of('failed'))).problems).toHaveLength(100);
  });

  it('says what was kept, a hundred names at most, and until when', () => {
    const of = (kept: number, keptUntil?: string) =>
      summarize({
        cluster: 'c',
        runId: 'r',
        outcomes: [],
        left: [],
        kept: Array.from({ length: kept }, (_, i) => `Job/${i}`),
        warnings: [],
        reports: [],
        report,
        ...(keptUntil !== undefined && { keptUntil }),
      });
    expect(of(1, '2026-01-01T00:00:00Z')).toMatchObject({ kept: ['Job/0'], keptUntil: '2026-01-01T00:00:00Z' });
    expect(of(0)).not.toHaveProperty('keptUntil');
    expect(of(100).kept).toHaveLength(100);
    expect(of(102).kept?.at(-1)).toBe('… 2 more');
  });
});
