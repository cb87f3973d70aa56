import { describe, expect, it } from 'vitest';
import { buildReport } from '../../src/aicr/result/ctrf.ts';
import { deployFailedOutcome } from '../../src/run/ending/outcomes-without-result.ts';
import type { ValidatorOutcome } from '../../src/run/ending/validator-outcome.ts';
import { summarize } from '../../src/run/summary.ts';

const validator = { name: 'a', phase: 'deployment' as const };

describe('a run’s result', () => {
  const of = (status: ValidatorOutcome['status'], more: Partial<ValidatorOutcome> = {}): ValidatorOutcome => ({
    ...deployFailedOutcome(validator, 'no', 1, 2),
    status,
    ...more,
  });
  const report = buildReport({ results: [], startMs: 0, stopMs: 0, toolVersion: 'v1' });
  const summary = (outcomes: ValidatorOutcome[], left: string[] = [], kept: string[] = []) =>
    summarize({ cluster: 'c', runId: 'r', outcomes, left, kept, warnings: ['w'], reports: ['x'], report });

  it('counts each status and takes the worst as the verdict', () => {
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

  it('warns about a report that the cluster refused', () => {
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

  it('lists what is left', () => {
    expect(summary([of('passed')], ['Job/x'])).toMatchObject({ cleanup: 'incomplete', left: ['Job/x'] });
  });

  it('lists at most 100 names of what was kept', () => {
    expect(summary([of('passed')], [], ['Job/x'])).toMatchObject({ cleanup: 'complete', kept: ['Job/x'] });
    const { kept } = summary([of('passed')], [], Array<string>(102).fill('Job/x'));
    expect(kept).toHaveLength(101);
    expect(kept.at(-1)).toBe('… 2 more');
  });

  it('cuts a problem’s message and its evidence to 300 characters each', () => {
    const long = 'y'.repeat(301);
    expect(summary([of('failed', { message: long, evidence: long })]).problems).toStrictEqual([
      { ...validator, status: 'failed', cause: 'deploy-failed', message: 'y'.repeat(300), evidence: 'y'.repeat(300) },
    ]);
    expect(Object.keys(summary([of('other')]).problems[0] ?? {})).not.toContain('evidence');
  });

  it('lists at most 100 problems', () => {
    expect(summary(Array<ValidatorOutcome>(101).fill(of('failed'))).problems).toHaveLength(100);
  });

  it('lists exactly 100 kept names in full, and says until when they stay', () => {
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
