import { randomBytes } from 'node:crypto';
import { until } from '../../dev/poll.ts';
import type { CtrfReport } from '../../src/aicr/result/ctrf.ts';
import type { ProctorClient, RunResult, ValidateClusterRequest } from '../../src/client.ts';
import type { Kube } from '../e2e/causes/kube.ts';
import { EXPECTED } from './catalog.ts';

/** Past this a run is stuck, whatever was done to it. */
const RUN_BOUND_S = 900;

/** One run of the twenty, followed by its history alone: that needs no worker. */
export class Run {
  readonly id: string;
  /** AICR's run id, which is in names and labels. */
  readonly runId: string;
  readonly #proctor: ProctorClient;
  /** How it is to end; a fault that ends it from outside says so. */
  ends: 'by itself' | 'cancelled' | 'terminated' = 'by itself';
  closed = false;

  private constructor(proctor: ProctorClient, runId: string) {
    this.#proctor = proctor;
    this.runId = runId;
    this.id = `run-${runId}`;
  }

  static async start(proctor: ProctorClient, request: ValidateClusterRequest): Promise<Run> {
    const run = new Run(proctor, `chaos-${randomBytes(4).toString('hex')}`);
    await proctor.start({ ...request, runId: run.runId }, { workflowId: run.id });
    return run;
  }

  /** Waits until the workflow is closed, through whatever is away meanwhile. */
  async end(): Promise<void> {
    await until(`${this.id} has closed`, async () => (await this.status()) !== 'RUNNING', RUN_BOUND_S);
    this.closed = true;
  }

  async status(): Promise<string> {
    return (await this.#newest().describe()).status.name;
  }

  async result(): Promise<RunResult> {
    return (await this.#newest().result()) as RunResult;
  }

  async cancel(): Promise<void> {
    this.ends = 'cancelled';
    await this.#newest().cancel();
  }

  async terminate(): Promise<void> {
    this.ends = 'terminated';
    await this.#newest().terminate('chaos');
  }

  /** Back to its last workflow task: what has come in since is forgotten, and what it made is still there. */
  async reset(): Promise<void> {
    const { events } = await this.#newest().fetchHistory();
    const done = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: task }) => task != null);
    const { runId } = await this.#newest().describe();
    const { client } = this.#proctor;
    await client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: this.id, runId },
      reason: 'chaos',
      requestId: randomBytes(8).toString('hex'),
      workflowTaskFinishEventId: done.at(-1)?.eventId ?? null,
    });
  }

  /** The reports of its phases that are on the cluster, whether or not it lived to answer with one. */
  async reports(kube: Kube): Promise<CtrfReport[]> {
    const maps = await kube.list<{ data?: Record<string, string> }>(
      `/api/v1/configmaps?labelSelector=aicr.run/run-id%3D${this.runId},aicr.run/report-type%3Dctrf`,
    );
    return maps.flatMap(({ data }) => (data?.['report.json'] === undefined ? [] : [JSON.parse(data['report.json'])]));
  }

  /** Each of its validators that a worker waits for now, with that worker's process. */
  async waits(): Promise<{ validator: string; pid: number }[]> {
    const waits = await Promise.all(
      EXPECTED.map(async (validator) => {
        const { raw } = await this.#child(validator).describe();
        const wait = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'waitForCompletion');
        // Temporal's own default for a worker's identity.
        const pid = /^(\d+)@/.exec(wait?.lastWorkerIdentity ?? '')?.[1];
        return pid === undefined ? [] : [{ validator: validator.name, pid: Number(pid) }];
      }).map((found) => found.catch(() => [])),
    );
    return waits.flat();
  }

  /** The validators' workflows that are still open. */
  async openChildren(): Promise<number> {
    const states = await Promise.all(
      EXPECTED.map(async (validator) => (await this.#child(validator).describe()).status.name === 'RUNNING').map(
        (found) => found.catch(() => false),
      ),
    );
    return states.filter(Boolean).length;
  }

  #child({ name, phase }: (typeof EXPECTED)[number]) {
    return this.#proctor.client.workflow.getHandle(`${this.id}/${phase}/${name}`);
  }

  #newest() {
    return this.#proctor.client.workflow.getHandle(this.id);
  }
}
