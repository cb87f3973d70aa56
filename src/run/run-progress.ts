import type { Phase } from '../aicr/phase.ts';
import type { Status } from '../aicr/result/status.ts';
import type { Cause } from './ending/cause.ts';

export type ValidatorState = 'waiting' | 'running' | Status;

/** What the `progress` query answers. */
export interface RunProgress {
  cluster: string;
  runId: string;
  /** What the run is doing now, for a person. */
  step: string;
  total: number;
  done: number;
  /** What somebody may have meant otherwise. */
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
