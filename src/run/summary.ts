import type { CtrfReport } from '../aicr/result/ctrf.ts';
import { isFailingStatus, phaseStatus, type Status } from '../aicr/result/status.ts';
import type { ValidatorOutcome } from './ending/validator-outcome.ts';
import type { RunResult } from './run-result.ts';

export interface RunEnd {
  cluster: string;
  runId: string;
  outcomes: ValidatorOutcome[];
  left: string[];
  kept: string[];
  keptUntil?: string;
  warnings: string[];
  reports: string[];
  /** The reports that are not on the cluster. */
  unpublished?: string[];
  report: CtrfReport;
}

const MAX_PROBLEMS = 100;
const MAX_MESSAGE = 300;
const MAX_KEPT = 100;

/** The run's result: what a person wants first comes first. */
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
    kept: bounded(kept),
    ...(keptUntil === undefined ? {} : { keptUntil }),
    warnings: [...warnings, ...unpublished],
    reports,
    report,
  };
}

function problem({ name, phase, status, cause, message, evidence }: ValidatorOutcome): RunResult['problems'][number] {
  const told = evidence === undefined ? {} : { evidence: evidence.slice(0, MAX_MESSAGE) };
  return { name, phase, status, cause, message: message.slice(0, MAX_MESSAGE), ...told };
}

function bounded(kept: string[]): string[] {
  return kept.length <= MAX_KEPT ? kept : [...kept.slice(0, MAX_KEPT), `… ${kept.length - MAX_KEPT} more`];
}
