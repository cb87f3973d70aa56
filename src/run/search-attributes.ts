import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

/**
 * The search attributes of runs and validators in Temporal, and their types; docs/operating.md has the same list. They
 * are few because a Temporal namespace on SQL has room for ten of type Keyword and three of type KeywordList, and other
 * applications may need some of them.
 */
export const SEARCH_ATTRIBUTES = {
  ProctorCluster: 'KEYWORD',
  ProctorRunId: 'KEYWORD',
  ProctorValidator: 'KEYWORD',
  ProctorState: 'KEYWORD',
  ProctorCleanup: 'KEYWORD',
  ProctorCauses: 'KEYWORD_LIST',
} as const;

/** The values of one run or validator. Values that are not known are left out. */
export interface SearchValues {
  ProctorCluster?: string;
  ProctorRunId?: string;
  ProctorValidator?: string;
  /** How it ended: its verdict, or `cancelled`, or `error` if it could not finish. */
  ProctorState?: 'running' | Status | 'cancelled' | 'error';
  /** Whether cleanup removed everything that it had to. */
  ProctorCleanup?: 'complete' | 'incomplete';
  /** The causes of validators that did not end by themselves. */
  ProctorCauses?: Cause[];
}

/**
 * The different causes other than `completed` and `skipped`, sorted. The list is bounded because the list of causes is
 * closed.
 */
export function notableCauses(outcomes: readonly { cause: Cause }[]): Cause[] {
  const causes = new Set(outcomes.map(({ cause }) => cause));
  return [...causes].filter((cause) => cause !== 'completed' && cause !== 'skipped').sort();
}
