import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { WrittenReport } from '../activities/write-report.ts';
import type { RunScope } from '../run/scope.ts';
import type { ClusterActivities } from './activity-stubs.ts';
import type { Outcomes } from './outcomes.ts';
import { type Result, resultOf } from './result.ts';
import { withTimeout } from './with-timeout.ts';

const REPORT_TIMEOUT = '10 minutes';

/**
 * Writes the report of the outcomes so far; only a cancelled run lacks some. Fails if there are none.
 */
export async function writeRunReport(
  run: RunScope,
  outcomes: Outcomes,
  { read }: ClusterActivities,
): Promise<Result<WrittenReport>> {
  const phases = outcomes.byPhase();
  if (phases.length === 0) return notWritten('no validator was started, so there is no report');
  const { writeReport } = read(`report of ${outcomes.inOrder().length} validators`);
  const report = await resultOf(() =>
    withTimeout(REPORT_TIMEOUT, 'timeout of the report', () => writeReport({ version: 1, run, phases })),
  );
  if (report.ok || !isCancellation(report.error)) return report;
  return notWritten(`the report could not be written within ${REPORT_TIMEOUT}`);
}

function notWritten(message: string): Result<never> {
  return { ok: false, error: ApplicationFailure.nonRetryable(message, 'ReportNotWritten') };
}
