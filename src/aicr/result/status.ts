/** From exit code to status to the status of a phase (contract.md, sections 9 and 10; `ExitCodeToCTRFStatus`, `IsFailingStatus`). */

export type Status = 'passed' | 'failed' | 'skipped' | 'other';

export function exitCodeToStatus(code: number): Status {
  if (code === 0) return 'passed';
  if (code === 1) return 'failed';
  return code === 2 ? 'skipped' : 'other';
}

/** `other` blocks like `failed`: a check without a verdict must not let a cluster pass. */
export function isFailingStatus(status: string): boolean {
  return status === 'failed' || status === 'other';
}

/** The status of a phase from its tests': all skipped counts as passed, none at all as skipped. */
export function phaseStatus(statuses: readonly string[]): Status {
  if (statuses.includes('failed')) return 'failed';
  if (statuses.includes('other')) return 'other';
  return statuses.length === 0 ? 'skipped' : 'passed';
}
