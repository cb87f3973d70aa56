import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

/**
 * What runs and validators can be found by in Temporal, and of which type each is; docs/operating.md has the same list. Temporal lets a
 * namespace on SQL have ten keywords and three lists of them, which others may want, too.
 */
export const SEARCH_ATTRIBUTES = {
  ProctorCluster: 'KEYWORD',
  ProctorRunId: 'KEYWORD',
  ProctorValidator: 'KEYWORD',
  ProctorState: 'KEYWORD',
  ProctorCleanup: 'KEYWORD',
  ProctorCauses: 'KEYWORD_LIST',
} as const;

/** The values of one run or validator; what is not known of it is not there. */
export interface SearchValues {
  ProctorCluster?: string;
  ProctorRunId?: string;
  ProctorValidator?: string;
  /** How it ended: a verdict, or without one `cancelled`, or `error` where it could not do its work. */
  ProctorState?: 'running' | Status | 'cancelled' | 'error';
  /** Whether anything is left that should not be. */
  ProctorCleanup?: 'complete' | 'incomplete';
  /** Why validators ended that did not end by themselves. */
  ProctorCauses?: Cause[];
}

/** The causes that are worth a search, each once; their list is closed, so it has a bound. */
export function notableCauses(outcomes: readonly { cause: Cause }[]): Cause[] {
  const causes = new Set(outcomes.map(({ cause }) => cause));
  return [...causes].filter((cause) => cause !== 'completed' && cause !== 'skipped').sort();
}
