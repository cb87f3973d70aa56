import type { ValidatorEntry } from '../aicr/catalog/catalog.ts';
import type { Phase } from '../aicr/phase.ts';
import type { Cleanup } from './cleanup/cleanup-policy.ts';
import type { Graces } from './ending/graces.ts';
import type { JobSettings } from './plan/validate-cluster-request.ts';
import type { NamedUid, RunScope } from './scope.ts';

/** The one argument of `runValidator`. */
export interface RunValidatorInput {
  version: 1;
  run: RunScope;
  anchor: NamedUid;
  entry: ValidatorEntry & { phase: Phase };
  settings: JobSettings;
  /** Graces that differ from the defaults. */
  graces?: Partial<Graces>;
  /** How many Jobs it may have, the first included, where the infrastructure ends them. @default 3 */
  attempts?: number;
  /** What becomes of its Jobs that have ended. @default they are removed, within 30 minutes */
  cleanup?: Pick<Cleanup, 'jobs' | 'keepForMs' | 'timeoutMs'>;
  /** Whether Proctor's search attributes are registered, so that it may be made known by them. @default false */
  searchAttributes?: boolean;
}
