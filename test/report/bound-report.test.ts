import { validate } from 'ctrf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildReport, type CtrfReport, type RanValidator } from '../../src/aicr/result/ctrf.ts';
import { boundReport } from '../../src/report/bound-report.ts';

const size = (report: CtrfReport) => Buffer.byteLength(JSON.stringify(report));

const ran = (name: string, exitCode: number, lines: number, width = 80): RanValidator => ({
  name,
  phase: 'deployment',
  exitCode,
  terminationMsg: `${name} ended with ${exitCode}`,
  stdout: Array.from({ length: lines }, (_, i) => `${i} `.padEnd(width, 'x')),
  durationMs: 1000,
});

const report = (...results: RanValidator[]) => buildReport({ results, startMs: 0, stopMs: 1000, toolVersion: '1' });

it('does not change a report that fits', () => {
  const small = report(ran('a', 0, 10));
  expect(boundReport(small, 100_000)).toEqual(small);
});

it('removes log lines of passed tests before those of failing ones, and notes it', () => {
  const bounded = boundReport(report(ran('passes', 0, 1000), ran('fails', 1, 1000)), 100_000);
  const [passes, fails] = bounded.results.tests;
  expect(fails?.stdout).toHaveLength(1000);
  expect(passes?.stdout?.length ?? 0).toBeLessThan(1000);
  expect(passes?.extra?.truncated).toMatch(/the last \d+ of 1000 lines/);
});

it('keeps the end of a log, where a validator reports its result', () => {
  const bounded = boundReport(report(ran('fails', 1, 1000)), 30_000);
  expect(bounded.results.tests[0]?.stdout?.at(-1)).toMatch(/^999 /);
});

it('lists failing tests first if not all names fit, and counts all tests', () => {
  const results = Array.from({ length: 2000 }, (_, i) => ran(`validator-${i}`, i === 1999 ? 1 : 0, 0));
  const bounded = boundReport(report(...results), 20_000);
  expect(bounded.results.tests[0]).toMatchObject({ name: 'validator-1999', status: 'failed' });
  expect(bounded.results.summary).toMatchObject({ tests: 2000, passed: 1999, failed: 1 });
  expect(bounded.extra?.truncated).toMatch(/of 2000 tests are listed/);
});

it('removes long values of extra before any test, and keeps short ones', () => {
  const long = { ...ran('long', 1, 0), extra: { cause: 'completed', all: 'x'.repeat(500_000), node: 'n1' } };
  const bounded = boundReport(report(long, ran('other', 0, 0)), 20_000);
  expect(bounded.results.tests.map(({ name }) => name)).toEqual(['long', 'other']);
  expect(bounded.results.tests[0]?.extra).toEqual({
    cause: 'completed',
    node: 'n1',
    truncated: 'extra: 1 of 3 fields are left out',
  });
  expect(bounded.results.tests[1]?.extra).toBeUndefined();
  expect(bounded.extra).toBeUndefined();
});

it('produces valid CTRF within the budget for any report', () => {
  const entry = fc.record({
    name: fc.string({ minLength: 1, maxLength: 40 }),
    exitCode: fc.constantFrom(0, 1, 2, -1, 137),
    lines: fc.integer({ min: 0, max: 1000 }),
    width: fc.integer({ min: 1, max: 512 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), fc.integer({ min: 4_000, max: 300_000 }), (entries, budget) => {
      const bounded = boundReport(
        report(...entries.map(({ name, exitCode, lines, width }) => ran(name, exitCode, lines, width))),
        budget,
      );
      expect(size(bounded)).toBeLessThanOrEqual(budget);
      expect(validate(bounded).valid).toBe(true);
    }),
    { numRuns: 40 },
  );
});
