import { validate } from 'ctrf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReport, type CtrfReport, mergeReports, type ReportEntry } from '../../../src/aicr/result/ctrf.ts';
import { text } from '../arbitraries.ts';

const provenance = { shippedDigest: 'a', derivedDigest: 'b', overriddenPaths: ['spec.x'], inheritedPaths: [] };

const ran = { name: 'a', phase: 'deployment', exitCode: 0, terminationMsg: '', stdout: [], durationMs: 12.9 };

const build = (results: readonly ReportEntry[]) =>
  buildReport({ results, startMs: 1788868800000, stopMs: 1788868861000, toolVersion: 'v1' });

const entry: fc.Arbitrary<ReportEntry> = fc.oneof(
  fc.record({ name: fc.string({ minLength: 1 }), phase: text, skipped: fc.constant(true as const), reason: text }),
  fc.record(
    {
      name: fc.string({ minLength: 1 }),
      phase: text,
      exitCode: fc.integer({ min: -1, max: 255 }),
      terminationMsg: text,
      stdout: fc.array(text),
      durationMs: fc.double({ min: -1e6, max: 1e9, noNaN: true }),
      startedAtMs: fc.double({ min: 0, max: 1e13, noNaN: true }),
      extra: fc.dictionary(text, text),
      runtimeProvenance: fc.constant(provenance),
      rawStatus: text,
      retries: fc.nat(),
    },
    { requiredKeys: ['name', 'phase', 'exitCode', 'terminationMsg', 'stdout', 'durationMs'] },
  ),
);

describe('a report', () => {
  it('is valid CTRF for any results, alone and merged', () => {
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 4 }), { maxLength: 4 }), (phases) => {
        const reports = phases.map(build);
        const merged = mergeReports(reports, { toolVersion: 'v1', timestamp: '2026-09-08T12:00:00Z' });
        for (const report of [...reports, merged])
          expect(validate(plain(report), { specVersion: '0.0.0' })).toMatchObject({ valid: true });
        expect(merged.results.summary.tests).toBe(phases.flat().length);
      }),
      { numRuns: 15 },
    );
  });

  it('has the time of its end in whole seconds', () => expect(build([]).timestamp).toBe('2026-09-08T12:01:01Z'));

  it('contains the provenance as text, without empty lists', () => {
    const [test] = build([{ ...ran, extra: { k: 'v' }, runtimeProvenance: provenance }]).results.tests;
    expect(test?.extra).toEqual({
      k: 'v',
      runtimeProvenance: '{"shippedDigest":"a","derivedDigest":"b","overriddenPaths":["spec.x"]}',
    });
  });

  it('contains the cause, times and attempts, unlike AICR’s', () => {
    const retryAttempts = [{ attempt: 1, status: 'other' as const, message: 'evicted' }];
    const more = { rawStatus: 'completed', startedAtMs: 1, completedAtMs: 13.9, retries: 1, retryAttempts };
    const [test] = build([{ ...ran, ...more }]).results.tests;
    expect(test).toEqual({
      name: 'a',
      status: 'passed',
      duration: 12,
      start: 1,
      stop: 13,
      suite: ['deployment'],
      rawStatus: 'completed',
      retries: 1,
      retryAttempts,
      flaky: true,
    });
    expect(build([{ ...ran, ...more, exitCode: 1 }]).results.tests[0]?.flaky).toBeUndefined();
  });
});

describe('a merged report', () => {
  const merge = (reports: (CtrfReport | null)[]) =>
    mergeReports(reports, { toolVersion: 'v9', timestamp: '2026-01-01T00:00:00Z' });

  it('is the only report, made valid, if there is one', () => {
    const aicr = build([ran]) as CtrfReport & { results: { tests: object[] } };
    const foreign = structuredClone(aicr);
    Object.assign(foreign.results.tests[0] ?? {}, { runtimeProvenance: provenance });
    expect(merge([aicr])).toEqual(aicr);
    expect(merge([foreign]).results.tests[0]?.extra?.runtimeProvenance).toContain('shippedDigest');
    Object.assign(foreign.results, { tests: null });
    expect(merge([foreign]).results.tests).toEqual([]);
  });

  it('is empty and has the caller’s time if there is no report, or only null', () => {
    for (const reports of [[], [null], [null, null]]) {
      expect(merge(reports)).toMatchObject({
        timestamp: '2026-01-01T00:00:00Z',
        generatedBy: 'aicr',
        results: { tests: [], tool: { name: 'aicr', version: 'v9' } },
      });
    }
  });

  it('keeps the last environment, and everything in the root’s extra', () => {
    const first = { ...build([ran]), extra: { a: 1, b: 1 } };
    const second = { ...build([ran]), extra: { b: 2 } };
    first.results.environment = { appName: 'x' };
    expect(merge([first, null, second])).toMatchObject({
      extra: { a: 1, b: 2 },
      results: { environment: { appName: 'x' }, summary: { tests: 2, passed: 2 } },
    });
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

it('leaves out every field without data', () => {
  const report = buildReport({
    results: [
      { name: 'a', phase: 'deployment', skipped: true, reason: '' },
      { name: 'b', phase: 'deployment', exitCode: 0, terminationMsg: '', stdout: [], durationMs: 1, retries: 2 },
    ],
    startMs: 0,
    stopMs: 1,
    toolVersion: 'v1',
    environment: { appName: undefined, appVersion: '', testEnvironment: 'lab' } as never,
  });
  expect(report.results.tests).toStrictEqual([
    { name: 'a', status: 'skipped', duration: 0, suite: ['deployment'] },
    { name: 'b', status: 'passed', duration: 1, suite: ['deployment'], retries: 2, flaky: true },
  ]);
  expect(report.results.environment).toStrictEqual({ testEnvironment: 'lab' });
});

describe('reports', () => {
  const ran = { name: 'a', phase: 'deployment', exitCode: 0, terminationMsg: '', stdout: [], durationMs: 12.9 };
  const input = { results: [ran], startMs: 1000, stopMs: 2000, toolVersion: 'v1' };

  it('leave out fields without data', () => {
    const report = buildReport(input);
    expect(report.results.tests).toStrictEqual([{ name: 'a', status: 'passed', duration: 12, suite: ['deployment'] }]);
    expect(Object.keys(report)).not.toContain('extra');
    expect(Object.keys(report.results)).not.toContain('environment');
    expect(Object.keys(mergeReports([report, report], { toolVersion: 'v1', timestamp: '' }).results)).not.toContain(
      'environment',
    );
  });

  it('keep data about the whole run', () => {
    expect(buildReport({ ...input, extra: { k: [1] } }).extra).toEqual({ k: [1] });
    expect(buildReport({ ...input, environment: { appName: 'x', appVersion: '' } }).results.environment).toEqual({
      appName: 'x',
    });
    expect(buildReport({ ...input, toolVersion: '' }).results.tool).toStrictEqual({ name: 'aicr' });
  });

  it('count each status', () => {
    const { summary } = buildReport({
      ...input,
      results: [ran, { ...ran, exitCode: -1 }, { ...ran, exitCode: 1 }],
    }).results;
    expect(summary).toMatchObject({ tests: 3, passed: 1, failed: 1, other: 1, skipped: 0, pending: 0 });
  });

  it('contain a provenance with its lists unless they are empty', () => {
    const provenanceWith = (lists: object) =>
      buildReport({
        ...input,
        results: [{ ...ran, runtimeProvenance: { shippedDigest: 's', derivedDigest: 'd', ...lists } }],
      }).results.tests[0]?.extra?.runtimeProvenance;
    expect(provenanceWith({})).toBe('{"shippedDigest":"s","derivedDigest":"d"}');
    expect(provenanceWith({ inheritedPaths: ['p'] })).toBe(
      '{"shippedDigest":"s","derivedDigest":"d","inheritedPaths":["p"]}',
    );
  });

  it('are merged with summed pending tests, the earliest start and the first timestamp', () => {
    const report = (timestamp: string, start: number, pending: number): CtrfReport => {
      const built = buildReport({ ...input, timestamp });
      return { ...built, results: { ...built.results, summary: { ...built.results.summary, start, pending } } };
    };
    const merged = mergeReports([report('', 500, 1), report('2026-01-02T00:00:00Z', 400, 2), report('x', 600, 4)], {
      toolVersion: 'v1',
      timestamp: 'none',
    });
    expect(merged.timestamp).toBe('2026-01-02T00:00:00Z');
    expect(merged.results.summary).toMatchObject({ pending: 7, start: 400, tests: 3 });
  });
});
