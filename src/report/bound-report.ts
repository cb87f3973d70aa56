import type { CtrfReport, CtrfTest } from '../aicr/result/ctrf.ts';
import { isFailingStatus } from '../aicr/result/status.ts';

/** How many of a test's last log lines to keep, tried in this order. Failing tests lose their lines last. */
const LEVELS = [
  { passed: 1000, failing: 1000 },
  { passed: 100, failing: 1000 },
  { passed: 20, failing: 1000 },
  { passed: 0, failing: 1000 },
  { passed: 0, failing: 200 },
  { passed: 0, failing: 50 },
  { passed: 0, failing: 10 },
  { passed: 0, failing: 0 },
];

/** How much of a test's `extra` is kept in a report that is too large. Characters. */
const MAX_EXTRA = 2_000;

/**
 * Cuts a report so that its JSON fits into `maxBytes`. Removes only as much as needed, in this order:
 * 1. log lines, of passed tests before those of failing ones;
 * 2. long values of `extra`;
 * 3. whole tests, passed ones before failing ones.
 *
 * `extra.truncated` of a test or of the report says what was removed from it. The summary always counts all tests.
 * @param indent as for JSON.stringify, since spaces count too.
 */
export function boundReport(report: CtrfReport, maxBytes: number, indent?: number): CtrfReport {
  const size = (candidate: unknown) => Buffer.byteLength(JSON.stringify(candidate, null, indent));
  let bounded = report;
  for (const level of LEVELS) {
    bounded = {
      ...report,
      results: { ...report.results, tests: report.results.tests.map((test) => cut(test, level)) },
    };
    if (size(bounded) <= maxBytes) return bounded;
  }
  const tests = bounded.results.tests.map(withShortExtra);
  bounded = { ...bounded, results: { ...bounded.results, tests } };
  return size(bounded) <= maxBytes ? bounded : withFewerTests(bounded, maxBytes, size);
}

/** Drops the longest fields of a test's `extra`. One of up to 1 MiB would push other tests out of the report. */
function withShortExtra(test: CtrfTest): CtrfTest {
  const { truncated = '', ...all } = test.extra ?? {};
  const bySize = Object.entries(all).sort(([a, x], [b, y]) => a.length + x.length - b.length - y.length);
  let left = MAX_EXTRA;
  const kept = bySize.filter(([key, value]) => {
    left -= key.length + value.length;
    return left >= 0;
  });
  if (kept.length === bySize.length) return test;
  const names = new Set(kept.map(([key]) => key));
  const extra = Object.fromEntries(Object.entries(all).filter(([key]) => names.has(key)));
  const note = `extra: ${bySize.length - kept.length} of ${bySize.length} fields are left out`;
  return { ...test, extra: { ...extra, truncated: truncated === '' ? note : `${truncated}; ${note}` } };
}

function cut(test: CtrfTest, level: (typeof LEVELS)[number]): CtrfTest {
  const maxLines = isFailingStatus(test.status) ? level.failing : level.passed;
  const stdout = test.stdout ?? [];
  if (stdout.length <= maxLines) return test;
  const { stdout: _, ...rest } = test;
  const truncated = `stdout: the last ${maxLines} of ${stdout.length} lines`;
  return {
    ...rest,
    ...(maxLines === 0 ? {} : { stdout: stdout.slice(-maxLines) }),
    extra: { ...test.extra, truncated },
  };
}

/** Keeps as many tests as fit beside the note in `extra.truncated`, failing ones first, each group in its order. */
function withFewerTests(report: CtrfReport, maxBytes: number, size: (candidate: unknown) => number): CtrfReport {
  const { tests } = report.results;
  const failingFirst = [
    ...tests.filter(({ status }) => isFailingStatus(status)),
    ...tests.filter(({ status }) => !isFailingStatus(status)),
  ];
  const listing = (count: number): CtrfReport => ({
    ...report,
    results: { ...report.results, tests: failingFirst.slice(0, count) },
    extra: { ...report.extra, truncated: `${count} of ${tests.length} tests are listed, failing ones first` },
  });
  let fits = 0;
  for (let low = 0, high = failingFirst.length; low <= high; ) {
    const middle = (low + high) >> 1;
    if (size(listing(middle)) <= maxBytes) {
      fits = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  return listing(fits);
}
