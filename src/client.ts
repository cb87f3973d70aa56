import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { SweepRequest, SweepResult } from './run/cleanup/sweep-request.ts';
import { secretsInClear } from './run/plan/clear-text-secrets.ts';
import { isSelfContained } from './run/plan/inline-sources.ts';
import { refuseFaults } from './run/plan/invalid-request.ts';
import type { RunPlan } from './run/plan/run-plan.ts';
import type { ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';
import type { RunProgress } from './run/run-progress.ts';
import type { RunResult } from './run/run-result.ts';
import { WORKFLOW_QUEUE } from './run/task-queues.ts';
import type { planValidation, sweep, validateCluster } from './workflows/index.ts';

export type { SweepRequest, SweepResult } from './run/cleanup/sweep-request.ts';
export { InvalidRequest } from './run/plan/invalid-request.ts';
export type { RunPlan } from './run/plan/run-plan.ts';
export type { ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';
export type { RunProgress } from './run/run-progress.ts';
export type { RunResult } from './run/run-result.ts';

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof validateCluster>;

export interface StartOptions {
  /** The workflow's id, which the Web UI's list shows. @default `validate-<cluster>-<UTC time>` */
  workflowId?: string;
}

export interface PlanOptions extends StartOptions {
  /**
   * Where the plan is computed.
   * - `true`: in this process. A `file` is read from this machine, and no worker's policy is applied.
   * - `false`: by a worker that serves the cluster, with its policy.
   * @default true if all catalogs are inline
   */
  locally?: boolean;
}

/** Starts and follows validation runs. Connects with the Temporal CLI's environment variables and profile. */
export class ProctorClient {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  static async connect(): Promise<ProctorClient> {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
    return new ProctorClient(new Client({ connection: await Connection.connect(connectionOptions), namespace }));
  }

  /**
   * Starts a run. The workflow checks the request and fails with a list of all its faults. Only a secret in clear text
   * is refused here, before it enters a history.
   * @throws InvalidRequest if the request contains a secret in clear text.
   */
  async start(request: ValidateClusterRequest, options: StartOptions = {}): Promise<RunHandle> {
    refuseFaults(secretsInClear(request, 'request'));
    return this.client.workflow.start<typeof validateCluster>('validateCluster', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: options.workflowId ?? `validate-${request.cluster}-${now()}`,
      args: [request],
      staticSummary: `validation of ${request.cluster}`,
    });
  }

  /**
   * Computes what `validateCluster` would deploy for this request. If all catalogs are inline, this process computes
   * it. Otherwise a worker that serves the cluster reads the catalogs and applies its policy and its namespace for the
   * cluster. {@link PlanOptions.locally} overrides this.
   * @throws InvalidRequest with every fault; `WorkflowFailedError` if a worker found them.
   */
  async plan(request: ValidateClusterRequest, options: PlanOptions = {}): Promise<RunPlan> {
    const { locally = isSelfContained(request), workflowId } = options;
    refuseFaults(secretsInClear(request, 'request'));
    if (locally) {
      // Loaded only here: the schemas and the YAML parser take longer to load than the rest of the client.
      const { planLocally } = await import('./plan-locally.ts');
      return planLocally(request);
    }
    return this.client.workflow.execute<typeof planValidation>('planValidation', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: workflowId ?? `plan-${request.cluster}-${now()}`,
      args: [request],
      staticSummary: `plan of a validation of ${request.cluster}`,
    });
  }

  /** Queries the plan of a run that has started: its Jobs as they are deployed. */
  planOf(workflowId: string): Promise<RunPlan> {
    return this.client.workflow.getHandle(workflowId).query<RunPlan>('plan');
  }

  /** Queries the progress of a run. A worker answers, so the call waits until one is running. */
  progress(workflowId: string): Promise<RunProgress> {
    return this.client.workflow.getHandle(workflowId).query<RunProgress>('progress');
  }

  /** Waits for a run's result. Throws `WorkflowFailedError` if the run fails or is cancelled. */
  result(workflowId: string): Promise<RunResult> {
    return this.client.workflow.getHandle(workflowId).result() as Promise<RunResult>;
  }

  /** Removes what closed runs left on a cluster, as the Schedule does every ten minutes. */
  sweep(request: SweepRequest): Promise<SweepResult> {
    return this.client.workflow.execute<typeof sweep>('sweep', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: `sweep-${request.cluster}-${now()}`,
      args: [request],
      staticSummary: `sweep of ${request.cluster}${request.dryRun === true ? ' (dry run)' : ''}`,
    });
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }
}

/** The UTC time to the second, for ids. */
function now(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
