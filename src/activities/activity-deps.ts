import type { Cluster, Clusters } from '../cluster/clusters.ts';
import type { RunState } from '../run/cleanup/orphans.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { FirstRunId, WorkflowId } from '../run/ids.ts';
import type { Policy } from '../run/plan/policy-schema.ts';
import type { NamedUid, RunScope } from '../run/scope.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { Versioned } from './define-activity.ts';

/** What the activities need of their worker. */
export interface ActivityDeps {
  clusters: Clusters;
  /** The UUID of the Temporal namespace, which marks everything this installation makes. */
  installation: string;
  /** Where a run's results are kept between a validator's end and the report. */
  resultStore(cluster: Cluster, run: RunScope, anchor: NamedUid): ResultStore;
  /** What requests may ask for. */
  policy: Policy;
  /** Whether a run is open, by Temporal's word; a run is known by its workflow's id and the first run of its chain. */
  runState(workflowId: WorkflowId, firstRunId: FirstRunId): Promise<RunState>;
  /** How a validator's workflow ends; null where it is another run's, or ends without an outcome. */
  validatorOutcome(
    workflowId: WorkflowId,
    firstRunId: FirstRunId,
    signal: AbortSignal,
  ): Promise<ValidatorOutcome | null>;
  /** Whether Proctor's search attributes are registered with Temporal. */
  searchAttributes(): Promise<boolean>;
  /** Version of Proctor, for reports. */
  version: string;
}

/** The input of an activity that belongs to a run. */
export interface RunInput extends Versioned {
  run: RunScope;
}
