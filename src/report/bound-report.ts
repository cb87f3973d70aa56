import type { CtrfReport, CtrfTest } from '../aicr/result/ctrf.ts';
import { isFailingStatus } from '../aicr/result/status.ts';

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

/** What of a test's `extra` is kept where the report is too large, in characters. */
const MAX_EXTRA = 2_000;

/**
 * The report inside a budget of bytes of its JSON: log lines go first, those of passed tests before those of failing ones, then what a
 * validator said at length in `extra`, and where even that is too much, passed tests go before failing ones. A test that lost lines says so in
 * `extra.truncated`, a report that lost tests in its own. The summary always counts all.
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
  const tests = bounded.results.tests.map(withShortExtra);
  bounded = { ...bounded, results: { ...bounded.results, tests } };
  return size(bounded) <= maxBytes ? bounded : withFewerTests(bounded, maxBytes, size);
}

/** A validator may say up to 1 MiB in one line of `extra`: that one must not take the others' place in the report. */
function withShortExtra(test: CtrfTest): CtrfTest {
  const { truncated = '', ...all } = test.extra ?? {};
  const bySize = Object.entries(all).sort(([a, one], [b, other]) => a.length + one.length - b.length - other.length);
  let left = MAX_EXTRA;
  const kept = bySize.filter(([key, value]) => {
    left -= key.length + value.length;
    return left >= 0;
  });
  if (kept.length === bySize.length) return test;
  const names = new Set(kept.map(([key]) => key));
  const extra = Object.fromEntries(Object.entries(all).filter(([key]) => names.has(key)));
  const said = `extra: ${bySize.length - kept.length} of ${bySize.length} fields are left out`;
  return { ...test, extra: { ...extra, truncated: truncated === '' ? said : `${truncated}; ${said}` } };
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
