/**
 * The status of a test and of a phase (AICR's `ExitCodeToCTRFStatus` and `IsFailingStatus`; docs/contract.md, sections
 * 9 and 10).
 */

export type Status = 'passed' | 'failed' | 'skipped' | 'other';

export function exitCodeToStatus(code: number): Status {
  if (code === 0) return 'passed';
  if (code === 1) return 'failed';
  return code === 2 ? 'skipped' : 'other';
}

/** `other` fails a phase like `failed`: without a verdict from every check, a cluster must not pass. */
export function isFailingStatus(status: string): boolean {
  return status === 'failed' || status === 'other';
}

/** The status of a phase, from its tests' statuses: passed if all tests are skipped, skipped if there are none. */
export function phaseStatus(statuses: readonly string[]): Status {
  if (statuses.includes('failed')) return 'failed';
  if (statuses.includes('other')) return 'other';
  return statuses.length === 0 ? 'skipped' : 'passed';
}
