import type { CtrfTest } from '../../../src/aicr/result/ctrf.ts';
import type { RunHandle, RunResult, ValidateClusterRequest } from '../../../src/client.ts';
import { request, type Site, stack, uniqueId, until } from '../harness.ts';
import type { Job, Kube, KubeEvent, Pod } from './kube.ts';
import type { Mutation, Webhook } from './webhook.ts';

/** The validator of a scene. A missing field has the default of a catalog without that field. */
export interface ValidatorSpec {
  script?: string;
  image?: string;
  cpu?: string;
  memory?: string;
  rerunnable?: boolean;
  timeout?: string;
}

/** Proctor's default timeout of a validator. */
export const DEADLINE_MS = 300_000;

/** A script that exits with 0 after this time, or on SIGTERM at once with the given exit code. */
export function sleepScript(seconds: number, exitCodeOnTerm: number): string {
  return `trap 'exit ${exitCodeOnTerm}' TERM; sleep ${seconds} & wait $!`;
}

/** One run of one validator (or a few) in its own namespace, and what Kubernetes and Temporal report about it. */
export class Scene {
  readonly kube: Kube;
  readonly namespace: string;
  readonly validator: string;
  readonly #site: Site;
  readonly #webhook: Webhook;
  readonly #remains: string[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #handle: RunHandle | undefined;

  private constructor(site: Site, kube: Kube, webhook: Webhook, name: string) {
    this.#site = site;
    this.kube = kube;
    this.#webhook = webhook;
    this.namespace = uniqueId(`causes-${name}`);
    this.validator = uniqueId(name);
    this.#failed.promise.catch(() => undefined);
  }

  static async open(site: Site, kube: Kube, webhook: Webhook, fault: string): Promise<Scene> {
    const name = fault
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 24)
      .replace(/-$/, '');
    const scene = new Scene(site, kube, webhook, name);
    await kube.create('/api/v1/namespaces', { metadata: { name: scene.namespace } });
    scene.onClose(`/api/v1/namespaces/${scene.namespace}`);
    return scene;
  }

  get site(): Site {
    return this.#site;
  }

  /** Deletes what the scene itself created. */
  async close(): Promise<void> {
    for (const path of this.#remains.reverse()) await this.kube.delete(path).catch(() => undefined);
  }

  /** Never resolves, and rejects when the run fails, so that a test need not wait for what can no longer happen. */
  get failure(): Promise<never> {
    return this.#failed.promise;
  }

  /** Deletes the object at this path when the scene closes. */
  onClose(path: string): void {
    this.#remains.push(path);
  }

  /** Changes pods or Jobs of the scene's namespace when they are created, as a mutating webhook does. */
  async mutate(resource: 'pods' | 'jobs', mutation: Mutation): Promise<void> {
    this.onClose(await this.#webhook.mutate(this.kube, this.namespace, resource, mutation));
  }

  start(spec: ValidatorSpec, more: Partial<ValidateClusterRequest> = {}): Promise<void> {
    return this.startAll([{ ...spec, name: this.validator }], more);
  }

  async startAll(
    specs: (ValidatorSpec & { name: string })[],
    more: Partial<ValidateClusterRequest> = {},
  ): Promise<void> {
    const whole = request([], { namespace: this.namespace, ...more });
    const validators = specs.map(
      ({ name, script = 'exit 0', image = stack.image, cpu = '20m', memory = '16Mi', rerunnable, timeout }) => ({
        name,
        phase: 'deployment',
        image,
        args: ['-c', script],
        resources: { cpu, memory },
        exclusive: [],
        ...(rerunnable === undefined ? {} : { rerunnable }),
        ...(timeout === undefined ? {} : { timeout }),
      }),
    );
    const { inline } = whole.catalog as { inline: Record<string, unknown> };
    this.#handle = await this.#site.proctor.start(
      { ...whole, catalog: { inline: { ...inline, validators } } },
      { workflowId: uniqueId('causes') },
    );
    this.result().catch(this.#failed.reject);
  }

  pods(): Promise<Pod[]> {
    return this.kube.list<Pod>(`/api/v1/namespaces/${this.namespace}/pods`);
  }

  jobs(): Promise<Job[]> {
    return this.kube.list<Job>(`/apis/batch/v1/namespaces/${this.namespace}/jobs`);
  }

  /** Waits for a pod for which `is` holds; the youngest if there are several. */
  pod(what: string, is: (pod: Pod) => boolean = () => true, seconds = 60): Promise<Pod> {
    return until(
      what,
      async () => {
        const pods = await this.pods();
        return pods.sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp)).find(is);
      },
      seconds,
    );
  }

  runningPod(): Promise<Pod> {
    const running = ({ metadata, status }: Pod) =>
      metadata.deletionTimestamp === undefined &&
      status.containerStatuses?.some(({ name, state }) => name === 'validator' && state.running !== undefined) === true;
    return this.pod('the validator runs', running);
  }

  /** Waits for a pod for which the scheduler has found no node. */
  pendingPod(): Promise<Pod> {
    return this.pod('the pod is pending', ({ status }) =>
      (status.conditions ?? []).some((condition) => condition.type === 'PodScheduled' && condition.status === 'False'),
    );
  }

  job(): Promise<Job> {
    return until('the Job is there', async () => (await this.jobs())[0]);
  }

  podPath({ metadata }: Pod): string {
    return `/api/v1/namespaces/${this.namespace}/pods/${metadata.name}`;
  }

  jobPath({ metadata }: Job): string {
    return `/apis/batch/v1/namespaces/${this.namespace}/jobs/${metadata.name}`;
  }

  /** Waits for an event. @returns when Kubernetes first reported it, in milliseconds. */
  async eventAt(reason: string, text: RegExp): Promise<number> {
    const event = await until(`an event ${reason}`, async () => {
      const events = await this.kube.list<KubeEvent>(`/api/v1/namespaces/${this.namespace}/events`);
      return events.find((one) => one.reason === reason && text.test(one.message));
    });
    return Date.parse(event.firstTimestamp ?? event.eventTime ?? '');
  }

  result(): Promise<RunResult> {
    if (this.#handle === undefined) throw new Error('the scene has not been started');
    return this.#handle.result();
  }

  /** The validator's entry in the report of the finished run. */
  async test(name = this.validator): Promise<CtrfTest> {
    const { report } = await this.result();
    const test = report.results.tests.find((one) => one.name === name);
    if (test === undefined) throw new Error(`the report has no test ${name}`);
    return test;
  }

  /** The last heartbeat's details of the wait for the validator's Job, as JSON. */
  async lastHeartbeat(): Promise<string> {
    const details = (await this.#wait())?.heartbeatDetails?.payloads?.[0]?.data;
    return details == null ? '' : new TextDecoder().decode(details);
  }

  /** The process id of the worker that waits for the validator's Job. */
  async waitingWorker(): Promise<number> {
    // By default Temporal identifies a worker as `pid@host`.
    const pid = /^(\d+)@/.exec((await this.#wait())?.lastWorkerIdentity ?? '')?.[1];
    if (pid === undefined) throw new Error('no worker waits for the Job');
    return Number(pid);
  }

  /** When a worker last started the wait for the Job, in milliseconds. */
  async waitStartedAt(): Promise<number> {
    const { events } = await this.#workflow().fetchHistory();
    const wait = (events ?? []).find(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === 'waitForCompletion',
    );
    const start = (events ?? []).find(
      ({ activityTaskStartedEventAttributes: started }) =>
        started != null && String(started.scheduledEventId) === String(wait?.eventId),
    );
    return timeOf(start?.eventTime);
  }

  /** When the validator's workflow first scheduled an activity of that name, in milliseconds. */
  async scheduledAt(activity: string): Promise<number> {
    const { events } = await this.#workflow().fetchHistory();
    return timeOf(firstScheduled(events, activity)?.eventTime);
  }

  /** Cancels the validator alone. */
  async cancel(): Promise<void> {
    await this.#workflow().cancel();
  }

  /**
   * When the validator's first attempt got its cause, in milliseconds, by the history of its workflow: its result had
   * been read, or there was nothing to read and its cleanup was scheduled.
   */
  async namedAt(): Promise<number> {
    const { events } = await this.#workflow().fetchHistory();
    const read = firstScheduled(events, 'extractResult', 'handleTimeout');
    const cleanup = firstScheduled(events, 'cleanupJob');
    if (read === undefined && cleanup !== undefined) return timeOf(cleanup.eventTime);
    const done = (events ?? []).find(
      ({ activityTaskCompletedEventAttributes: completed }) =>
        completed != null && String(completed.scheduledEventId) === String(read?.eventId),
    );
    if (read === undefined || done === undefined) throw new Error('no result has been read yet');
    return timeOf(done.eventTime);
  }

  async #wait() {
    const { raw } = await this.#workflow().describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'waitForCompletion');
  }

  #workflow() {
    if (this.#handle === undefined) throw new Error('the scene has not been started');
    return this.#site.proctor.client.workflow.getHandle(`${this.#handle.workflowId}/deployment/${this.validator}`);
  }
}

function timeOf(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds) * 1000 + (time?.nanos ?? 0) / 1e6;
}

type HistoryEvents = Awaited<
  ReturnType<ReturnType<Site['proctor']['client']['workflow']['getHandle']>['fetchHistory']>
>['events'];

function firstScheduled(events: HistoryEvents, ...activities: string[]) {
  return (events ?? []).find(({ activityTaskScheduledEventAttributes: scheduled }) =>
    activities.includes(scheduled?.activityType?.name ?? ''),
  );
}
