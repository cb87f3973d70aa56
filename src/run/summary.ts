import type { CtrfReport } from '../aicr/result/ctrf.ts';
import { isFailingStatus, phaseStatus, type Status } from '../aicr/result/status.ts';
import type { ValidatorOutcome } from './ending/validator-outcome.ts';
import type { RunResult } from './run-result.ts';

/** What is known about a run when it ends. */
export interface RunEnd {
  cluster: string;
  runId: string;
  outcomes: ValidatorOutcome[];
  left: string[];
  kept: string[];
  keptUntil?: string;
  warnings: string[];
  reports: string[];
  /** A warning for each report that could not be written to the cluster. */
  unpublished?: string[];
  report: CtrfReport;
}

const MAX_PROBLEMS = 100;
const MAX_MESSAGE = 300;
const MAX_KEPT = 100;

/** The result of a run. Its lists and texts are bounded. */
export function summarize({
  cluster,
  runId,
  outcomes,
  left,
  kept,
  keptUntil,
  warnings,
  reports,
  unpublished = [],
  report,
}: RunEnd): RunResult {
  const count = (status: Status) => outcomes.filter((outcome) => outcome.status === status).length;
  const problems = outcomes.filter(({ status }) => isFailingStatus(status)).slice(0, MAX_PROBLEMS);
  return {
    verdict: phaseStatus(outcomes.map(({ status }) => status)),
    cluster,
    runId,
    counts: {
      tests: outcomes.length,
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      other: count('other'),
    },
    problems: problems.map(problem),
    cleanup: left.length === 0 ? 'complete' : 'incomplete',
    left,
    kept: boundedNames(kept),
    ...(keptUntil === undefined ? {} : { keptUntil }),
    warnings: [...warnings, ...unpublished],
    reports,
    report,
  };
}

function problem({ name, phase, status, cause, message, evidence }: ValidatorOutcome): RunResult['problems'][number] {
  const bounded = evidence === undefined ? {} : { evidence: evidence.slice(0, MAX_MESSAGE) };
  return { name, phase, status, cause, message: message.slice(0, MAX_MESSAGE), ...bounded };
}

function boundedNames(kept: string[]): string[] {
  return kept.length <= MAX_KEPT ? kept : [...kept.slice(0, MAX_KEPT), `… ${kept.length - MAX_KEPT} more`];
}
