import type { Phase } from '../aicr/phase.ts';
import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

export type ValidatorState = 'waiting' | 'running' | Status;

/** The answer of the `progress` query. */
export interface RunProgress {
  cluster: string;
  runId: string;
  /** What the run is doing now, in words for a person. */
  step: string;
  total: number;
  done: number;
  /** Parts of the request that have no effect, or perhaps not the intended one. */
  warnings: string[];
  validators: {
    name: string;
    phase: Phase;
    state: ValidatorState;
    cause?: Cause;
    message?: string;
    sinceMs?: number;
  }[];
}
