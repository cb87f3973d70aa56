import { JOB_NAME_LABEL } from '../../kubernetes/job.ts';
import type { Job, KubernetesObject, Pod } from '../../kubernetes/types.ts';
import { messageOf } from '../../run/error-message.ts';
import { WORKFLOW_RUN_ID } from '../../run/marks.ts';
import { isKind } from '../cluster-error.ts';
import { JOBS, PODS, type Resource } from '../resources.ts';
import { LiveJobView } from './job-view.ts';
import type { WatchHandlers } from './resource-watch.ts';
import type { SharedWatch } from './shared-watch.ts';

type ObjectHandlers<T> = Pick<WatchHandlers<T>, 'listed' | 'changed' | 'deleted'>;

/** The two watches of a cluster: of its Jobs, and of their pods. */
export interface JobSources {
  jobs: SharedWatch<Job>;
  pods: SharedWatch<Pod>;
}

/**
 * The Jobs and pods of a namespace while they are watched, and the views of them. A stopped session updates no view,
 * and the next session shares nothing with it.
 */
export class JobSession {
  readonly #views = new Map<string, Set<LiveJobView>>();
  /** By UID, since a Job may be deleted and recreated under the same name. */
  readonly #jobs = new Map<string, Job>();
  readonly #uidOfName = new Map<string, string>();
  readonly #podsOfJob = new Map<string, Map<string, Pod>>();
  readonly #failures = new Map<Resource, unknown>();
  readonly #unsubscribe: readonly (() => void)[];
  readonly #synced = Promise.withResolvers<void>();
  readonly #unlisted = new Set<Resource>([JOBS, PODS]);
  #waiters = 0;
  #stopped = false;

  constructor(sources: JobSources, namespace: string) {
    // A rejection that no waiter awaits must not crash the process.
    this.#synced.promise.catch(() => undefined);
    const jobHandlers: ObjectHandlers<Job> = {
      listed: (jobs) => this.#setJobs(jobs),
      changed: (job) => this.#setJob(job),
      deleted: (job) => this.#deleteJob(job),
    };
    const podHandlers: ObjectHandlers<Pod> = {
      listed: (pods) => this.#setPods(pods),
      changed: (pod) => this.#setPod(pod),
      deleted: (pod) => this.#deletePod(pod, { observed: true }),
    };
    this.#unsubscribe = [
      sources.jobs.subscribe(namespace, this.#withState(JOBS, jobHandlers)),
      sources.pods.subscribe(namespace, this.#withState(PODS, podHandlers)),
    ];
  }

  /** Resolves once Jobs and pods have been listed; rejects if they cannot be listed. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The current failure of one of the watches. */
  get failure(): unknown {
    return this.#failures.values().next().value;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  addWaiter(): void {
    this.#waiters++;
  }

  /** @returns how many waiters remain. */
  removeWaiter(): number {
    return --this.#waiters;
  }

  openView(jobName: string, onClose: () => void): LiveJobView {
    const views = this.#views.get(jobName) ?? new Set<LiveJobView>();
    const uid = this.#uidOfName.get(jobName);
    const job = uid === undefined ? undefined : this.#jobs.get(uid);
    const pods = this.#podsOfJob.get(jobName)?.values() ?? [];
    const context = {
      failure: () => (this.failure === undefined ? undefined : messageOf(this.failure)),
      hasScheduledSiblings: (ownPods: readonly Pod[]) => this.#hasScheduledSiblings(ownPods),
    };
    const view = new LiveJobView(job, pods, context, () => {
      views.delete(view);
      if (views.size === 0) this.#views.delete(jobName);
      onClose();
    });
    this.#views.set(jobName, views.add(view));
    return view;
  }

  stop(): void {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #hasScheduledSiblings(ownPods: readonly Pod[]): boolean {
    const run = ownPods[0]?.metadata.labels?.[WORKFLOW_RUN_ID];
    const ownUids = new Set(ownPods.map(uidOf));
    return (
      run !== undefined &&
      [...this.#podsOfJob.values()].some((pods) =>
        [...pods.values()].some((pod) => !ownUids.has(uidOf(pod)) && occupiesNode(pod, run)),
      )
    );
  }

  /** Adds what both watches have in common: the first list, and failures. */
  #withState<T extends KubernetesObject>(resource: Resource, handlers: ObjectHandlers<T>): WatchHandlers<T> {
    return {
      ...handlers,
      listed: (items) => {
        handlers.listed(items);
        this.#unlisted.delete(resource);
        if (this.#unlisted.size === 0) this.#synced.resolve();
      },
      connected: () => {
        if (this.#failures.delete(resource)) this.#wakeAll();
      },
      failed: (error) => this.#fail(resource, error),
    };
  }

  #fail(resource: Resource, error: unknown): void {
    this.#failures.set(resource, error);
    // A retry cannot succeed, and there is no view yet, so the waiters fail instead of waiting indefinitely.
    if (this.#unlisted.size > 0 && isKind(error, 'forbidden', 'invalid', 'not-found', 'configuration')) {
      this.stop();
      this.#synced.reject(error);
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const views of this.#views.values()) for (const view of views) view.wake();
  }

  #setJobs(jobs: Job[]): void {
    const present = new Set(jobs.map(uidOf));
    for (const job of [...this.#jobs.values()]) if (!present.has(uidOf(job))) this.#deleteJob(job);
    for (const job of jobs) this.#setJob(job);
  }

  #setJob(job: Job): void {
    const name = nameOf(job);
    const uid = uidOf(job);
    const previous = this.#uidOfName.get(name);
    if (previous !== undefined && previous !== uid) this.#jobs.delete(previous);
    this.#uidOfName.set(name, uid);
    this.#jobs.set(uid, job);
    for (const view of this.#views.get(name) ?? []) view.setJob(job);
  }

  #deleteJob(job: Job): void {
    const name = nameOf(job);
    this.#jobs.delete(uidOf(job));
    if (this.#uidOfName.get(name) !== uidOf(job)) return;
    this.#uidOfName.delete(name);
    for (const view of this.#views.get(name) ?? []) {
      // The last state of the Job may be new to the view, so the view receives it before the deletion.
      view.setJob(job);
      view.setJob(undefined);
    }
  }

  #setPods(pods: Pod[]): void {
    const present = new Set(pods.map(uidOf));
    const known = [...this.#podsOfJob.values()].flatMap((ofJob) => [...ofJob.values()]);
    for (const pod of known) if (!present.has(uidOf(pod))) this.#deletePod(pod, { observed: false });
    for (const pod of pods) this.#setPod(pod);
  }

  #setPod(pod: Pod): void {
    const jobName = jobNameOf(pod);
    if (jobName === undefined) return;
    const ofJob = this.#podsOfJob.get(jobName) ?? new Map<string, Pod>();
    this.#podsOfJob.set(jobName, ofJob.set(uidOf(pod), pod));
    for (const view of this.#views.get(jobName) ?? []) view.setPod(pod);
  }

  /** @param deletion whether the watch received the pod's deletion, or a list only lacks the pod. */
  #deletePod(pod: Pod, deletion: { observed: boolean }): void {
    const jobName = jobNameOf(pod);
    if (jobName === undefined) return;
    const ofJob = this.#podsOfJob.get(jobName);
    ofJob?.delete(uidOf(pod));
    if (ofJob?.size === 0) this.#podsOfJob.delete(jobName);
    for (const view of this.#views.get(jobName) ?? []) {
      view.setPod(pod);
      view.deletePod(uidOf(pod), deletion);
    }
  }
}

/** Whether a pod of this run has been scheduled to a node and has not ended. */
function occupiesNode({ metadata, spec, status }: Pod, run: string): boolean {
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return metadata.labels?.[WORKFLOW_RUN_ID] === run && spec?.nodeName !== undefined && !ended;
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata.name ?? '';
}

function uidOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? '';
}

function jobNameOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[JOB_NAME_LABEL];
}
