import { randomBytes } from 'node:crypto';
import { until } from '../../dev/poll.ts';
import type { CtrfReport } from '../../src/aicr/result/ctrf.ts';
import type { ProctorClient, RunResult, ValidateClusterRequest } from '../../src/client.ts';
import type { Kube } from '../e2e/causes/kube.ts';
import { EXPECTED } from './catalog.ts';

/** After this time a run counts as stuck, whatever fault was injected. */
const RUN_BOUND_S = 900;

/** One run of the twenty validators. It is followed by its history alone, which needs no worker. */
export class Run {
  readonly id: string;
  /** AICR's run id, which appears in names and labels. */
  readonly runId: string;
  readonly #proctor: ProctorClient;
  /** How the run is expected to end. A fault that ends it from outside sets this. */
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

  /** Waits until the workflow has closed, also while servers are unreachable. */
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

  /**
   * Resets the run to its last workflow task. It forgets all later events, while the objects it created still exist.
   */
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

  /** The reports of its phases on the cluster, also if the run did not return one. */
  async reports(kube: Kube): Promise<CtrfReport[]> {
    const maps = await kube.list<{ data?: Record<string, string> }>(
      `/api/v1/configmaps?labelSelector=aicr.run/run-id%3D${this.runId},aicr.run/report-type%3Dctrf`,
    );
    return maps.flatMap(({ data }) => (data?.['report.json'] === undefined ? [] : [JSON.parse(data['report.json'])]));
  }

  /** Each validator for which a worker waits now, with that worker's process id. */
  async waits(): Promise<{ validator: string; pid: number }[]> {
    const waits = await Promise.all(
      EXPECTED.map(async (validator) => {
        const { raw } = await this.#child(validator).describe();
        const wait = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'waitForCompletion');
        // By default Temporal identifies a worker as `pid@host`.
        const pid = /^(\d+)@/.exec(wait?.lastWorkerIdentity ?? '')?.[1];
        return pid === undefined ? [] : [{ validator: validator.name, pid: Number(pid) }];
      }).map((found) => found.catch(() => [])),
    );
    return waits.flat();
  }

  /** The number of validators' workflows that are still open. */
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
