import type { CtrfReport, CtrfTest } from '../contract/ctrf.ts';
import { isFailingStatus } from '../contract/status.ts';

/** How many of a test's last log lines are kept, from generous to none: the failing ones keep theirs longest. */
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

/**
 * The report inside a budget of bytes of its JSON: log lines go first, those of passed tests before those of failing ones, and where even
 * that is too much, passed tests go before failing ones. A test that lost lines says so in `extra.truncated`, a report that lost tests in its
 * own. The summary always counts all.
 *
 * @param indent as for JSON.stringify, since the spaces count too.
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
  return withFewerTests(bounded, maxBytes, size);
}

function cut(test: CtrfTest, level: (typeof LEVELS)[number]): CtrfTest {
  const most = isFailingStatus(test.status) ? level.failing : level.passed;
  const stdout = test.stdout ?? [];
  if (stdout.length <= most) return test;
  const { stdout: _, ...rest } = test;
  const truncated = `stdout: the last ${most} of ${stdout.length} lines`;
  return { ...rest, ...(most === 0 ? {} : { stdout: stdout.slice(-most) }), extra: { ...test.extra, truncated } };
}

/** As many tests as fit, failing ones first, each group in its order; the room for the note is kept free. */
function withFewerTests(report: CtrfReport, maxBytes: number, size: (candidate: unknown) => number): CtrfReport {
  const { tests } = report.results;
  const byRank = [
    ...tests.filter(({ status }) => isFailingStatus(status)),
    ...tests.filter(({ status }) => !isFailingStatus(status)),
  ];
  const listing = (count: number): CtrfReport => ({
    ...report,
    results: { ...report.results, tests: byRank.slice(0, count) },
    extra: { ...report.extra, truncated: `${count} of ${tests.length} tests are listed, failing ones first` },
  });
  let fits = 0;
  for (let low = 0, high = byRank.length; low <= high; ) {
    const middle = (low + high) >> 1;
    if (size(listing(middle)) <= maxBytes) {
      fits = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  return listing(fits);
}
