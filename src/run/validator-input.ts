import type { ValidatorEntry } from '../aicr/catalog/catalog.ts';
import type { Phase } from '../aicr/phase.ts';
import type { Cleanup } from './cleanup/cleanup-policy.ts';
import type { Graces } from './ending/graces.ts';
import type { JobSettings } from './plan/validate-cluster-request.ts';
import type { NamedUid, RunScope } from './scope.ts';

/** The argument of the workflow `runValidator`. */
export interface RunValidatorInput {
  version: 1;
  run: RunScope;
  anchor: NamedUid;
  entry: ValidatorEntry & { phase: Phase };
  settings: JobSettings;
  /** Graces that differ from the defaults. */
  graces?: Partial<Graces>;
  /** How many Jobs the validator may have, the first included, if the infrastructure ends them. @default 3 */
  attempts?: number;
  /** Whether its Jobs are kept after they have ended. @default they are removed within 30 minutes */
  cleanup?: Pick<Cleanup, 'jobs' | 'keepForMs' | 'timeoutMs'>;
  /** Whether Proctor's search attributes are registered, so that the workflow may set them. @default false */
  searchAttributes?: boolean;
}
