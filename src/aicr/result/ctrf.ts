/**
 * CTRF reports (AICR's `pkg/validator/ctrf`; docs/contract.md, section 9). Unlike AICR's, they are always valid by the
 * published CTRF schema: data for which the schema has no field goes into `extra`, and a report without tests has an
 * empty list.
 */
import { REPORT_FORMAT, SPEC_VERSION, TOOL_NAME } from '../constants.ts';
import type { RuntimeProvenance } from './sentinels.ts';
import { exitCodeToStatus } from './status.ts';
import type { ValidatorResult } from './validator-result.ts';

export interface CtrfTest {
  name: string;
  status: 'passed' | 'failed' | 'skipped' | 'pending' | 'other';
  duration: number;
  start?: number;
  stop?: number;
  suite?: string[];
  message?: string;
  rawStatus?: string;
  retries?: number;
  retryAttempts?: CtrfAttempt[];
  flaky?: boolean;
  stdout?: string[];
  /** Only strings, since AICR reads nothing else here. */
  extra?: Record<string, string>;
}

/** An attempt before the one that the test reports. */
export interface CtrfAttempt {
  /** Counted from 1. */
  attempt: number;
  status: 'passed' | 'failed' | 'skipped' | 'pending' | 'other';
  duration?: number;
  message?: string;
  start?: number;
  stop?: number;
}

export interface CtrfEnvironment {
  appName?: string;
  appVersion?: string;
  testEnvironment?: string;
}

export interface CtrfSummary {
  tests: number;
  passed: number;
  failed: number;
  skipped: number;
  pending: number;
  other: number;
  start: number;
  stop: number;
}

export interface CtrfReport {
  reportFormat: 'CTRF';
  specVersion: string;
  timestamp: string;
  generatedBy: string;
  results: {
    tool: { name: string; version?: string };
    summary: CtrfSummary;
    tests: CtrfTest[];
    environment?: CtrfEnvironment;
  };
  extra?: Record<string, unknown>;
}

/** A validator that ran, with the fields that Proctor adds to AICR's. */
export interface RanValidator extends ValidatorResult {
  /** The cause of the ending (`run/ending/cause.ts`), as CTRF's `rawStatus`. */
  rawStatus?: string;
  /** Attempts beyond the first. */
  retries?: number;
  /** The attempts before the last, without those of which nothing is known. */
  retryAttempts?: CtrfAttempt[];
}

/** A validator that did not run, and why. */
export interface SkippedValidator {
  name: string;
  phase: string;
  skipped: true;
  reason: string;
  extra?: Record<string, string>;
}

export type ReportEntry = RanValidator | SkippedValidator;

export interface ReportInput {
  results: readonly ReportEntry[];
  startMs: number;
  stopMs: number;
  tool?: string;
  toolVersion: string;
  environment?: CtrfEnvironment | null;
  /** RFC 3339. The default is the time of `stopMs`. */
  timestamp?: string;
  /** Data about the whole run for which CTRF has no field. Any JSON is allowed here. */
  extra?: Record<string, unknown>;
}

/** The report of one phase (AICR's `Builder.Build`). */
export function buildReport(input: ReportInput): CtrfReport {
  const tests = input.results.map(testOf);
  const tool = input.tool ?? TOOL_NAME;
  const count = (status: CtrfTest['status']) => tests.filter((test) => test.status === status).length;
  return {
    reportFormat: REPORT_FORMAT,
    specVersion: SPEC_VERSION,
    timestamp: input.timestamp ?? rfc3339(input.stopMs),
    generatedBy: tool,
    results: {
      tool: toolOf(tool, input.toolVersion),
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        start: Math.trunc(input.startMs),
        stop: Math.trunc(input.stopMs),
      },
      tests,
      ...(input.environment ? { environment: withoutEmpty(input.environment) } : {}),
    },
    ...(input.extra === undefined ? {} : { extra: input.extra }),
  };
}

function testOf(entry: ReportEntry): CtrfTest {
  if ('skipped' in entry) {
    return {
      name: entry.name,
      status: 'skipped',
      duration: 0,
      suite: [entry.phase],
      ...(entry.reason === '' ? {} : { message: entry.reason }),
      ...extraOf(entry.extra, undefined),
    };
  }
  return {
    name: entry.name,
    status: exitCodeToStatus(entry.exitCode),
    duration: Math.trunc(entry.durationMs),
    ...(entry.startedAtMs === undefined ? {} : { start: Math.trunc(entry.startedAtMs) }),
    ...(entry.completedAtMs === undefined ? {} : { stop: Math.trunc(entry.completedAtMs) }),
    suite: [entry.phase],
    ...(entry.terminationMsg === '' ? {} : { message: entry.terminationMsg }),
    ...(entry.rawStatus === undefined ? {} : { rawStatus: entry.rawStatus }),
    ...retriesOf(entry),
    ...(entry.stdout.length === 0 ? {} : { stdout: [...entry.stdout] }),
    ...extraOf(entry.extra, entry.runtimeProvenance),
  };
}

/** A test is flaky, as CTRF defines it, if it passed after attempts that did not. */
function retriesOf({ retries = 0, retryAttempts = [], exitCode }: RanValidator): Partial<CtrfTest> {
  if (retries === 0) return {};
  const flaky = exitCodeToStatus(exitCode) === 'passed';
  return { retries, ...(retryAttempts.length === 0 ? {} : { retryAttempts }), ...(flaky ? { flaky } : {}) };
}

/**
 * Adds the provenance to `extra` as a JSON string: CTRF has no field for it, and AICR reads only strings in a test's
 * `extra`.
 */
function extraOf(
  extra: Record<string, string> | undefined,
  provenance: RuntimeProvenance | undefined,
): Pick<CtrfTest, 'extra'> {
  const all = { ...extra, ...(provenance ? { runtimeProvenance: JSON.stringify(ordered(provenance)) } : {}) };
  return Object.keys(all).length === 0 ? {} : { extra: all };
}

/** The fields in AICR's order, without empty lists, as AICR writes them. */
function ordered({
  shippedDigest,
  derivedDigest,
  overriddenPaths,
  inheritedPaths,
}: RuntimeProvenance): RuntimeProvenance {
  return {
    shippedDigest,
    derivedDigest,
    ...(overriddenPaths?.length ? { overriddenPaths } : {}),
    ...(inheritedPaths?.length ? { inheritedPaths } : {}),
  };
}

export interface MergeInput {
  tool?: string;
  toolVersion: string;
  /** Used if no report has a timestamp. */
  timestamp: string;
}

/**
 * Merges reports as AICR's `MergeReports` does: all tests in order, summed counts, the earliest start, the latest stop,
 * the first timestamp and the last environment. A single report stays as it is, with its own tool version. Null reports
 * are ignored.
 */
export function mergeReports(reports: readonly (CtrfReport | null)[], input: MergeInput): CtrfReport {
  const [only] = reports;
  if (reports.length === 1 && only) return conforming(only);
  const tool = input.tool ?? TOOL_NAME;
  const present = reports.filter((report) => report !== null).map(conforming);
  const environment = present.findLast((report) => report.results.environment)?.results.environment;
  const extra = Object.assign({}, ...present.map((report) => report.extra ?? {})) as Record<string, unknown>;
  return {
    reportFormat: REPORT_FORMAT,
    specVersion: SPEC_VERSION,
    timestamp: present.find((report) => report.timestamp)?.timestamp ?? input.timestamp,
    generatedBy: tool,
    results: {
      tool: toolOf(tool, input.toolVersion),
      summary: present.map((report) => report.results.summary).reduce(addSummary, EMPTY_SUMMARY),
      tests: present.flatMap((report) => report.results.tests),
      ...(environment === undefined ? {} : { environment }),
    },
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const EMPTY_SUMMARY: CtrfSummary = {
  tests: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
  pending: 0,
  other: 0,
  start: 0,
  stop: 0,
};

/**
 * Like AICR, treats a zero start as unset in the sum so far, but as a time in the report that is added.
 */
function addSummary(sum: CtrfSummary, next: CtrfSummary): CtrfSummary {
  return {
    tests: sum.tests + next.tests,
    passed: sum.passed + next.passed,
    failed: sum.failed + next.failed,
    skipped: sum.skipped + next.skipped,
    pending: sum.pending + next.pending,
    other: sum.other + next.other,
    start: sum.start === 0 || next.start < sum.start ? next.start : sum.start,
    stop: Math.max(sum.stop, next.stop),
  };
}

/**
 * Makes one of AICR's reports valid: moves provenance into `extra`, and replaces a missing list of tests with an empty
 * one.
 */
function conforming(report: CtrfReport): CtrfReport {
  const tests = (report.results.tests ?? []).map((test: CtrfTest & { runtimeProvenance?: RuntimeProvenance }) => {
    const { runtimeProvenance, ...rest } = test;
    return runtimeProvenance === undefined ? test : { ...rest, ...extraOf(rest.extra, runtimeProvenance) };
  });
  return { ...report, results: { ...report.results, tests } };
}

function toolOf(name: string, version: string): { name: string; version?: string } {
  return version === '' ? { name } : { name, version };
}

function withoutEmpty(environment: CtrfEnvironment): CtrfEnvironment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '' && value !== undefined));
}

/** RFC 3339 in UTC with whole seconds (Go's `time.RFC3339`). */
function rfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
