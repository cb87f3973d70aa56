/** `ctrf-build.json` and `ctrf-merge.json`: a report and what it was made from. */
import {
  buildReport,
  type CtrfEnvironment,
  type CtrfReport,
  mergeReports,
  type ReportEntry,
} from '../../../src/aicr/result/ctrf.ts';
import type { RuntimeProvenance } from '../../../src/aicr/result/sentinels.ts';
import { differences, isObject, unknownKeys } from './difference.ts';

interface BuildRow {
  name: string;
  input: {
    phase: string;
    tool: string;
    toolVersion: string;
    startMs: number;
    stopMs: number;
    timestamp: string;
    environment: CtrfEnvironment | null;
    results: GoldenResult[] | null;
  };
  report: unknown;
  note?: string;
}

interface GoldenResult {
  name: string;
  phase: string;
  skipped?: boolean;
  reason?: string;
  exitCode?: number;
  terminationMsg?: string;
  durationNanos?: number;
  stdout?: string[] | null;
  extra?: Record<string, string> | null;
  runtimeProvenance?: RuntimeProvenance | null;
}

export function buildRow({ input }: BuildRow): CtrfReport {
  return buildReport({ ...input, results: (input.results ?? []).map(entryOf) });
}

export function checkBuild(row: BuildRow): string[] {
  const known = ['phase', 'tool', 'toolVersion', 'startMs', 'stopMs', 'timestamp', 'environment', 'results'];
  return [
    ...unknownKeys(row, ['name', 'input', 'report', 'note'], 'row'),
    ...unknownKeys(row.input, known, 'input'),
    ...checkReport(row.report, buildRow(row)),
  ];
}

function entryOf(result: GoldenResult): ReportEntry {
  const { name, phase, reason = '', extra, runtimeProvenance } = result;
  if (result.skipped) return { name, phase, skipped: true, reason };
  return {
    name,
    phase,
    exitCode: result.exitCode ?? 0,
    terminationMsg: result.terminationMsg ?? '',
    durationMs: (result.durationNanos ?? 0) / 1e6,
    stdout: result.stdout ?? [],
    ...(extra ? { extra } : {}),
    ...(runtimeProvenance ? { runtimeProvenance } : {}),
  };
}

interface MergeRow {
  name: string;
  reports: (CtrfReport | null)[] | null;
  tool: string;
  toolVersion: string;
  want: { timestamp: string };
  note?: string;
}

export function mergeRow(row: MergeRow): CtrfReport {
  // If no report has a time, AICR uses the wall clock, which is blank in the file. Only then is this timestamp used.
  return mergeReports(row.reports ?? [], {
    tool: row.tool,
    toolVersion: row.toolVersion,
    timestamp: row.want.timestamp,
  });
}

export function checkMerge(row: MergeRow): string[] {
  const known = ['name', 'reports', 'tool', 'toolVersion', 'want', 'note'];
  return [...unknownKeys(row, known, 'row'), ...checkReport(row.want, mergeRow(row))];
}

/** Fields of CTRF that AICR does not write. Our reports may have them. */
const MAY_BE_ADDED = ['rawStatus', 'start', 'stop', 'retries', 'retryAttempts', 'flaky', 'attachments', 'steps'];

/** Compares two reports, except for the differences that docs/compatibility.md allows. */
function checkReport(expected: unknown, actual: CtrfReport): string[] {
  return differences(comparable(expected, []), comparable(plain(actual), MAY_BE_ADDED), 'report');
}

function comparable(report: unknown, drop: readonly string[]): unknown {
  if (!isObject(report) || !isObject(report.results)) return report;
  const tests = Array.isArray(report.results.tests) ? report.results.tests : [];
  return { ...report, results: { ...report.results, tests: tests.map((test) => comparableTest(test, drop)) } };
}

/** Moves our `extra.runtimeProvenance`, a JSON string, to AICR's field `runtimeProvenance`. */
function comparableTest(test: Record<string, unknown>, drop: readonly string[]): Record<string, unknown> {
  const { extra, ...rest } = Object.fromEntries(Object.entries(test).filter(([key]) => !drop.includes(key)));
  const { runtimeProvenance, ...others } = isObject(extra) ? extra : {};
  return {
    ...rest,
    ...(typeof runtimeProvenance === 'string' ? { runtimeProvenance: JSON.parse(runtimeProvenance) } : {}),
    ...(Object.keys(others).length === 0 ? {} : { extra: others }),
  };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
