import { JOB_NAME_LABEL } from '../../kubernetes/job.ts';
import type { Job, KubernetesObject, Pod } from '../../kubernetes/types.ts';
import { messageOf } from '../../run/error-message.ts';
import { WORKFLOW_RUN_ID } from '../../run/marks.ts';
import { isKind } from '../cluster-error.ts';
import { JOBS, PODS, type Resource } from '../resources.ts';
import { View } from './job-view.ts';
import type { WatchHandlers } from './resource-watch.ts';
import type { SharedWatch } from './shared-watch.ts';

type Handlers<T> = Pick<WatchHandlers<T>, 'listed' | 'changed' | 'deleted'>;

/** The two watches of a cluster's Jobs and their pods. */
export interface JobSources {
  jobs: SharedWatch<Job>;
  pods: SharedWatch<Pod>;
}

/**
 * The two watches of a namespace from their start to their stop, what they know, and who looks at it. A stopped session calls nobody, so one
 * that is started right after it shares nothing with it.
 */
export class Session {
  readonly #views = new Map<string, Set<View>>();
  /** By UID: a Job that was deleted and made anew has its name. */
  readonly #jobs = new Map<string, Job>();
  readonly #uidOfName = new Map<string, string>();
  readonly #podsOfJob = new Map<string, Map<string, Pod>>();
  readonly #errors = new Map<Resource, unknown>();
  readonly #leaveSources: readonly (() => void)[];
  readonly #synced = Promise.withResolvers<void>();
  readonly #unlisted = new Set<Resource>([JOBS, PODS]);
  #members = 0;
  #stopped = false;

  constructor(sources: JobSources, namespace: string) {
    // Whoever waits for it gets its rejection; where nobody does, it is nobody's.
    this.#synced.promise.catch(() => undefined);
    const ofJobs: Handlers<Job> = {
      listed: (jobs) => this.#listJobs(jobs),
      changed: (job) => this.#setJob(job),
      deleted: (job) => this.#dropJob(job),
    };
    const ofPods: Handlers<Pod> = {
      listed: (pods) => this.#listPods(pods),
      changed: (pod) => this.#setPod(pod),
      deleted: (pod) => this.#dropPod(pod, { seen: true }),
    };
    this.#leaveSources = [
      sources.jobs.follow(namespace, this.#watched(JOBS, ofJobs)),
      sources.pods.follow(namespace, this.#watched(PODS, ofPods)),
    ];
  }

  /** Resolves once both have been listed; rejects when that cannot be. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The trouble that one of the watches has at the moment. */
  get error(): unknown {
    return this.#errors.values().next().value;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  join(): void {
    this.#members++;
  }

  /** @returns how many are left. */
  leave(): number {
    return --this.#members;
  }

  look(jobName: string, left: () => void): View {
    const views = this.#views.get(jobName) ?? new Set<View>();
    const uid = this.#uidOfName.get(jobName);
    const job = uid === undefined ? undefined : this.#jobs.get(uid);
    const pods = this.#podsOfJob.get(jobName)?.values() ?? [];
    const surroundings = {
      trouble: () => (this.error === undefined ? undefined : messageOf(this.error)),
      siblingsHoldRoom: (own: readonly Pod[]) => this.#siblingsHoldRoom(own),
    };
    const view = new View(job, pods, surroundings, () => {
      views.delete(view);
      if (views.size === 0) this.#views.delete(jobName);
      left();
    });
    this.#views.set(jobName, views.add(view));
    return view;
  }

  #siblingsHoldRoom(own: readonly Pod[]): boolean {
    const run = own[0]?.metadata.labels?.[WORKFLOW_RUN_ID];
    const isOwn = new Set(own.map(uidOf));
    return (
      run !== undefined &&
      [...this.#podsOfJob.values()].some((pods) =>
        [...pods.values()].some((pod) => !isOwn.has(uidOf(pod)) && holdsRoom(pod, run)),
      )
    );
  }

  stop(): void {
    this.#stopped = true;
    for (const leave of this.#leaveSources) leave();
  }

  #watched<T extends KubernetesObject>(resource: Resource, handlers: Handlers<T>): WatchHandlers<T> {
    return {
      ...handlers,
      listed: (items) => {
        handlers.listed(items);
        this.#unlisted.delete(resource);
        if (this.#unlisted.size === 0) this.#synced.resolve();
      },
      working: () => {
        if (this.#errors.delete(resource)) this.#wakeAll();
      },
      failed: (error) => this.#fail(resource, error),
    };
  }

  #fail(resource: Resource, error: unknown): void {
    this.#errors.set(resource, error);
    // Not to be listed at all, and nobody has anything to look at yet: whoever waits is to be told, not to wait for ever.
    if (this.#unlisted.size > 0 && isKind(error, 'forbidden', 'invalid', 'not-found', 'configuration')) {
      this.stop();
      this.#synced.reject(error);
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const views of this.#views.values()) for (const view of views) view.wake();
  }

  #listJobs(jobs: Job[]): void {
    const present = new Set(jobs.map(uidOf));
    for (const job of [...this.#jobs.values()]) if (!present.has(uidOf(job))) this.#dropJob(job);
    for (const job of jobs) this.#setJob(job);
  }

  #setJob(job: Job): void {
    const name = nameOf(job);
    const uid = uidOf(job);
    const before = this.#uidOfName.get(name);
    if (before !== undefined && before !== uid) this.#jobs.delete(before);
    this.#uidOfName.set(name, uid);
    this.#jobs.set(uid, job);
    for (const view of this.#views.get(name) ?? []) view.seeJob(job);
  }

  #dropJob(job: Job): void {
    const name = nameOf(job);
    this.#jobs.delete(uidOf(job));
    if (this.#uidOfName.get(name) !== uidOf(job)) return;
    this.#uidOfName.delete(name);
    for (const view of this.#views.get(name) ?? []) {
      // How it was in the end, which may be news, and that it is gone.
      view.seeJob(job);
      view.seeJob(undefined);
    }
  }

  #listPods(pods: Pod[]): void {
    const present = new Set(pods.map(uidOf));
    const known = [...this.#podsOfJob.values()].flatMap((ofJob) => [...ofJob.values()]);
    for (const pod of known) if (!present.has(uidOf(pod))) this.#dropPod(pod, { seen: false });
    for (const pod of pods) this.#setPod(pod);
  }

  #setPod(pod: Pod): void {
    const jobName = jobNameOf(pod);
    if (jobName === undefined) return;
    const ofJob = this.#podsOfJob.get(jobName) ?? new Map<string, Pod>();
    this.#podsOfJob.set(jobName, ofJob.set(uidOf(pod), pod));
    for (const view of this.#views.get(jobName) ?? []) view.seePod(pod);
  }

  /** @param end whether the pod's end was told, not only found out by its absence. */
  #dropPod(pod: Pod, end: { seen: boolean }): void {
    const jobName = jobNameOf(pod);
    if (jobName === undefined) return;
    const ofJob = this.#podsOfJob.get(jobName);
    ofJob?.delete(uidOf(pod));
    if (ofJob?.size === 0) this.#podsOfJob.delete(jobName);
    for (const view of this.#views.get(jobName) ?? []) {
      view.seePod(pod);
      view.losePod(uidOf(pod), end);
    }
  }
}

/** Whether a pod of this run has been given room on a node and has not given it back. */
function holdsRoom({ metadata, spec, status }: Pod, run: string): boolean {
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
