import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { WORKFLOW_QUEUE } from './contract/queues.ts';
import type { RunProgress, RunResult, ValidateClusterRequest } from './contract/run.ts';
import type { validateCluster } from './workflows/index.ts';

export type { RunProgress, RunResult, ValidateClusterRequest } from './contract/run.ts';

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof validateCluster>;

export interface StartOptions {
  /** The workflow's id, which is all that the Web UI's list shows of it. @default `validate-<cluster>-<UTC time>` */
  workflowId?: string;
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

  /** Start a run. The request is checked by the workflow, whose failure says everything that is wrong with it. */
  async start(request: ValidateClusterRequest, options: StartOptions = {}): Promise<RunHandle> {
    const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    return this.client.workflow.start<typeof validateCluster>('validateCluster', {
      taskQueue: WORKFLOW_QUEUE,
      workflowId: options.workflowId ?? `validate-${request.cluster}-${time}`,
      args: [request],
      staticSummary: `validation of ${request.cluster}`,
    });
  }

  /** How far a run is; answered by a worker, so it waits for one. */
  progress(workflowId: string): Promise<RunProgress> {
    return this.client.workflow.getHandle(workflowId).query<RunProgress>('progress');
  }

  /** A run's result, once it has one. Throws `WorkflowFailedError` where the run failed or was cancelled. */
  result(workflowId: string): Promise<RunResult> {
    return this.client.workflow.getHandle(workflowId).result() as Promise<RunResult>;
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }
}
