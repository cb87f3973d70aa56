import { InvalidRequest } from './run/plan/invalid-request.ts';

export { InvalidRequest } from './run/plan/invalid-request.ts';

import { planLocally } from './plan-locally.ts';
import type { SweepRequest, SweepResult } from './run/cleanup/sweep-request.ts';
import type { ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';
import type { RunProgress } from './run/run-progress.ts';
import type { RunResult } from './run/run-result.ts';

export type { SweepRequest, SweepResult } from './run/cleanup/sweep-request.ts';
export type { ValidateClusterRequest } from './run/plan/validate-cluster-request.ts';
export type { RunProgress } from './run/run-progress.ts';
export type { RunResult } from './run/run-result.ts';

import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { isSelfContained } from './plan-locally.ts';
import { secretsInClear } from './run/plan/clear-text-secrets.ts';
import type { RunPlan } from './run/plan/run-plan.ts';
import { WORKFLOW_QUEUE } from './run/task-queues.ts';
import type { planValidation, sweep, validateCluster } from './workflows/index.ts';

export type { RunPlan } from './run/plan/run-plan.ts';

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof validateCluster>;

export interface StartOptions {
  /** The workflow's id, which is all that the Web UI's list shows of it. @default `validate-<cluster>-<UTC time>` */
  workflowId?: string;
}

export interface PlanOptions extends StartOptions {
  /**
   * True: in this process, a `file` being one of this machine, and nothing being known of a policy. False: by a worker, and so with its policy.
   * @default true where all catalogs are inline
   */
  here?: boolean;
}

/** Starts and follows validation runs. Connects by Temporal's own environment variables and profile, as the Temporal CLI does. */
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
   * Start a run. The request is checked by the workflow, whose failure says everything that is wrong with it; only a secret in clear text is
   * refused here, before it gets into a history.
   * @throws InvalidRequest
   */
  async start(request: ValidateClusterRequest, options: StartOptions = {}): Promise<RunHandle> {
    refuseSecrets(request);
    return this.client.workflow.start<typeof validateCluster>('validateCluster', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: options.workflowId ?? `validate-${request.cluster}-${now()}`,
      args: [request],
      staticSummary: `validation of ${request.cluster}`,
    });
  }

  /**
   * What `validateCluster` would deploy for this request. Where its catalogs are inline, that is computed here, and nobody is asked; otherwise
   * a worker that serves the cluster reads them, and says what its policy does not allow, and which namespace it gives the cluster. {@link PlanOptions.here} decides otherwise.
   * @throws InvalidRequest, with everything that is wrong; `WorkflowFailedError` where a worker says it.
   */
  async plan(request: ValidateClusterRequest, options: PlanOptions = {}): Promise<RunPlan> {
    const { here = isSelfContained(request), workflowId } = options;
    refuseSecrets(request);
    if (here) return planLocally(request);
    return this.client.workflow.execute<typeof planValidation>('planValidation', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: workflowId ?? `plan-${request.cluster}-${now()}`,
      args: [request],
      staticSummary: `plan of a validation of ${request.cluster}`,
    });
  }

  /** The plan of a run that has begun: its Jobs as they are deployed. */
  planOf(workflowId: string): Promise<RunPlan> {
    return this.client.workflow.getHandle(workflowId).query<RunPlan>('plan');
  }

  /** How far a run is; answered by a worker, so it waits for one. */
  progress(workflowId: string): Promise<RunProgress> {
    return this.client.workflow.getHandle(workflowId).query<RunProgress>('progress');
  }

  /** A run's result, once it has one. Throws `WorkflowFailedError` where the run failed or was cancelled. */
  result(workflowId: string): Promise<RunResult> {
    return this.client.workflow.getHandle(workflowId).result() as Promise<RunResult>;
  }

  /** Remove from a cluster what closed runs left there, now: what the Schedule does every ten minutes. */
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

function refuseSecrets(request: ValidateClusterRequest): void {
  const faults = secretsInClear(request, 'request');
  if (faults.length > 0) throw new InvalidRequest(faults);
}

/** For ids: UTC, to the second. */
function now(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
