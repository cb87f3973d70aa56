import type { Cluster, Clusters } from '../cluster/clusters.ts';
import type { RunState } from '../run/cleanup/orphans.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { FirstRunId, WorkflowId } from '../run/ids.ts';
import type { Policy } from '../run/plan/policy-schema.ts';
import type { NamedUid, RunScope } from '../run/scope.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { Versioned } from './define-activity.ts';

/** What activities need from their worker. */
export interface ActivityDeps {
  clusters: Clusters;
  /** The UUID of the Temporal namespace. Everything that this installation creates is marked with it. */
  installation: string;
  /** Keeps a run's results from the end of a validator until the report. */
  resultStore(cluster: Cluster, run: RunScope, anchor: NamedUid): ResultStore;
  /** Limits what requests may ask for. */
  policy: Policy;
  /** Asks Temporal whether a run is open. The workflow id and the first run of the chain identify a run. */
  runState(workflowId: WorkflowId, firstRunId: FirstRunId): Promise<RunState>;
  /** Waits for a validator's workflow. Null if the workflow belongs to another run, or ends without an outcome. */
  validatorOutcome(
    workflowId: WorkflowId,
    firstRunId: FirstRunId,
    signal: AbortSignal,
  ): Promise<ValidatorOutcome | null>;
  /** Whether Proctor's search attributes are registered with Temporal. */
  searchAttributes(): Promise<boolean>;
  /** Proctor's version, for reports. */
  version: string;
}

/** The input of an activity that belongs to a run. */
export interface RunInput extends Versioned {
  run: RunScope;
}
