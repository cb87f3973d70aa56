import { CONTROLLER_UID_LABEL, JOB_NAME_LABEL } from '../contract/constants.ts';
import type { Job, KubernetesObject, Pod } from '../contract/kubernetes.ts';
import { endedByItself } from '../contract/verdict.ts';
import type { ClusterApi } from './api.ts';
import { JOBS, PODS } from './resources.ts';
import { ResourceWatch } from './watch.ts';

/**
 * What one waiter sees of its Job. A pod that has been deleted stays in view, as it was last seen: whoever waits for a verdict must not lose
 * one that was there for a moment.
 */
export interface JobView {
  readonly job: Job | undefined;
  /** Whether the Job was in view at any time: then its absence means that it was deleted. */
  readonly seen: boolean;
  readonly pods: readonly Pod[];
  /** UIDs of pods that are in {@link pods} but no longer on the cluster. */
  readonly gonePods: ReadonlySet<string>;
  /** The watch's latest trouble, for the person who looks at a pending activity; undefined while all is well. */
  readonly trouble: string | undefined;
  /** Resolves when anything above has changed since the last call; rejects with the signal's reason when aborted. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * One list+watch of Jobs and one of Pods for a cluster and namespace, shared by all that wait there: waiting costs no request. It starts
 * with the first waiter and stops after the last.
 */
export class JobWatch {
  readonly #api: ClusterApi;
  readonly #namespace: string;
  readonly #selector: string;
  readonly #views = new Map<string, Set<View>>();
  readonly #jobs = new Map<string, Job>();
  readonly #pods = new Map<string, Map<string, Pod>>();
  #running: { jobs: ResourceWatch<Job>; pods: ResourceWatch<Pod>; synced: Promise<void> } | undefined;
  #trouble: string | undefined;

  /** @param selector label selector of the Jobs and pods to watch, applied by the API server. */
  constructor(api: ClusterApi, namespace: string, selector: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#selector = selector;
  }

  /** Start to look at a Job. Resolves once Jobs and pods have been listed, so that "not in view" means "not on the cluster". */
  async open(jobName: string, signal: AbortSignal): Promise<JobView> {
    const running = this.#running ?? this.#start();
    const view = new View(() => this.#close(jobName, view));
    const views = this.#views.get(jobName) ?? new Set();
    this.#views.set(jobName, views.add(view));
    view.trouble = this.#trouble;
    try {
      await untilAborted(running.synced, signal);
    } catch (error) {
      view.close();
      throw error;
    }
    view.seeJob(this.#jobs.get(jobName));
    for (const pod of this.#pods.get(jobName)?.values() ?? []) view.see(pod);
    return view;
  }

  #start() {
    const scope = { namespace: this.#namespace, labelSelector: this.#selector };
    const jobsListed = Promise.withResolvers<void>();
    const podsListed = Promise.withResolvers<void>();
    const common = {
      failed: (error: unknown) => this.#setTrouble(error instanceof Error ? error.message : String(error)),
      working: () => this.#setTrouble(undefined),
    };
    const jobs = new ResourceWatch<Job>(
      this.#api,
      { resource: JOBS, ...scope },
      {
        ...common,
        listed: (items) => {
          this.#listJobs(items);
          jobsListed.resolve();
        },
        changed: (job) => this.#setJob(nameOf(job), trimJob(job)),
        deleted: (job) => this.#setJob(nameOf(job), undefined),
      },
    );
    const pods = new ResourceWatch<Pod>(
      this.#api,
      { resource: PODS, ...scope },
      {
        ...common,
        listed: (items) => {
          this.#listPods(items);
          podsListed.resolve();
        },
        changed: (pod) => this.#setPod(trimPod(pod), false),
        deleted: (pod) => this.#setPod(trimPod(pod), true),
      },
    );
    this.#running = { jobs, pods, synced: Promise.all([jobsListed.promise, podsListed.promise]).then(() => undefined) };
    return this.#running;
  }

  #close(jobName: string, view: View): void {
    const views = this.#views.get(jobName);
    views?.delete(view);
    if (views?.size === 0) this.#views.delete(jobName);
    if (this.#views.size > 0) return;
    this.#running?.jobs.stop();
    this.#running?.pods.stop();
    this.#running = undefined;
    this.#trouble = undefined;
    this.#jobs.clear();
    this.#pods.clear();
  }

  #listJobs(items: Job[]): void {
    const present = new Set(items.map(nameOf));
    for (const name of [...this.#jobs.keys()]) if (!present.has(name)) this.#setJob(name, undefined);
    for (const job of items) this.#setJob(nameOf(job), trimJob(job));
  }

  #listPods(items: Pod[]): void {
    const present = new Set(items.map((pod) => pod.metadata.uid));
    for (const pods of [...this.#pods.values()]) {
      for (const pod of [...pods.values()]) if (!present.has(pod.metadata.uid)) this.#setPod(pod, true);
    }
    for (const pod of items) this.#setPod(trimPod(pod), false);
  }

  #setJob(name: string, job: Job | undefined): void {
    if (job === undefined) this.#jobs.delete(name);
    else this.#jobs.set(name, job);
    this.#wake(name, (view) => view.seeJob(job));
  }

  #setPod(pod: Pod, gone: boolean): void {
    const jobName = pod.metadata.labels?.[JOB_NAME_LABEL];
    const uid = pod.metadata.uid;
    if (jobName === undefined || uid === undefined) return;
    const pods = this.#pods.get(jobName) ?? new Map<string, Pod>();
    if (gone) pods.delete(uid);
    else pods.set(uid, pod);
    if (pods.size === 0) this.#pods.delete(jobName);
    else this.#pods.set(jobName, pods);
    this.#wake(jobName, (view) => view.see(pod, gone));
  }

  #setTrouble(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    for (const name of this.#views.keys()) this.#wake(name, () => undefined);
  }

  #wake(jobName: string, update: (view: View) => void): void {
    for (const view of this.#views.get(jobName) ?? []) {
      update(view);
      view.trouble = this.#trouble;
      view.wake();
    }
  }
}

class View implements JobView {
  job: Job | undefined;
  seen = false;
  trouble: string | undefined;
  readonly gonePods = new Set<string>();
  readonly #pods = new Map<string, Pod>();
  readonly #onClose: () => void;
  #next = Promise.withResolvers<void>();

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  seeJob(job: Job | undefined): void {
    this.job = job;
    this.seen ||= job !== undefined;
  }

  see(pod: Pod, gone = false): void {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    // A verdict that was seen stays: the same pod, seen again while it is being deleted, says less.
    if (known === undefined || !endedByItself(known)) this.#pods.set(uid, pod);
    if (gone) this.gonePods.add(uid);
  }

  wake(): void {
    this.#next.resolve();
  }

  async changed(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#next.promise, signal);
    this.#next = Promise.withResolvers();
  }

  close(): void {
    this.#onClose();
  }
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function nameOf(object: KubernetesObject): string {
  return object.metadata.name ?? '';
}

/** Only what a waiter reads: a watch over thousands of Jobs must not hold their templates and managed fields. */
function trimJob({ metadata, spec, status }: Job): Job {
  const { activeDeadlineSeconds, suspend } = spec;
  return {
    metadata: trimMeta(metadata),
    spec: {
      ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
      ...(suspend === undefined ? {} : { suspend }),
      template: { spec: { containers: [] } },
    },
    ...(status === undefined ? {} : { status }),
  };
}

function trimPod({ metadata, spec, status }: Pod): Pod {
  const nodeName = spec?.nodeName;
  return {
    metadata: { ...trimMeta(metadata), labels: pick(metadata.labels ?? {}, JOB_NAME_LABEL, CONTROLLER_UID_LABEL) },
    spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
    ...(status === undefined ? {} : { status }),
  };
}

function pick(labels: Record<string, string>, ...keys: string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])));
}

function trimMeta(metadata: KubernetesObject['metadata']) {
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}
