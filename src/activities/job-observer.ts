import { isKind } from '../cluster/cluster-error.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { eventsOf } from '../cluster/events.ts';
import { JOBS } from '../cluster/resources.ts';
import type { JobView } from '../cluster/watch/job-watch.ts';
import { CONTROLLER_UID_LABEL, terminalCondition } from '../kubernetes/job.ts';
import { validatorStatus } from '../kubernetes/pod.ts';
import type { Job, Pod } from '../kubernetes/types.ts';
import type { EventNote, NodeProblem } from '../run/ending/symptom.ts';
import { haveEnded, livePod, type PodSight, type SightDetails, type WaitSight } from '../run/ending/wait-decision.ts';
import type { NamedUid } from '../run/scope.ts';

/** How far the watch may be behind the call that created a Job. */
const WATCH_LAG_MS = 1_000;
/** How far a pod's last state may be behind its Job's: each has its own watch. */
const POD_LAG_MS = 3_000;
/**
 * Events cost a request. The observer lists them only while there is no pod, or a pod whose container has not been
 * created for longer than it takes to start many side by side.
 */
const EVENTS_AFTER_MS = { podless: 4_000, creating: 12_000 };
const EVENTS_EVERY_MS = 10_000;
/** After this long without a change, the observer looks at the pod's node. */
const SILENT_MS = 15_000;

export interface ObservedJob {
  cluster: Cluster;
  namespace: string;
  job: NamedUid;
}

/**
 * Observes one Job: mostly through the worker's shared watch, and by requests for its events and its pod's node.
 */
export class JobObserver {
  /** When the observation began, in milliseconds since the epoch. */
  readonly beganMs = Date.now();
  readonly #view: JobView;
  readonly #observed: ObservedJob;
  readonly #signal: AbortSignal;
  #lastJob: Job | undefined;
  #lastChangeMs = Date.now();
  #events: { atMs: number; notes: EventNote[] } = { atMs: 0, notes: [] };
  #nodeProblem: NodeProblem | undefined;

  constructor(view: JobView, observed: ObservedJob, signal: AbortSignal) {
    this.#view = view;
    this.#observed = observed;
    this.#signal = signal;
  }

  /**
   * Waits until the watch shows a Job of this name. If it does not within a moment, asks the API server.
   * @returns whether there is one to {@link look} at. Only the look shows whether it is this Job.
   */
  async findJob(): Promise<boolean> {
    const untilMs = Date.now() + WATCH_LAG_MS;
    while (this.#view.job === undefined && Date.now() < untilMs) await this.#changedWithin(untilMs - Date.now());
    if (this.look().wasInView) return true;
    const { cluster, namespace, job } = this.#observed;
    const found = await cluster.api.find<Job>({ resource: JOBS, namespace, name: job.name }, this.#signal);
    if (found?.metadata.uid === job.uid) this.#lastJob = found;
    return this.#lastJob !== undefined;
  }

  /** What the watch shows now. */
  look(): WaitSight {
    const { job } = this.#view;
    const own = job?.metadata.uid === this.#observed.job.uid ? job : undefined;
    this.#lastJob = own ?? this.#lastJob;
    return this.#sightOf(own);
  }

  /**
   * Completes a sight: with the pods' last states if the Job has ended, otherwise with events and the node's state.
   * @returns a new sight without details if the Job ended or its pod changed during the requests, because the details
   * are outdated then.
   */
  async lookCloser({ job, pods }: WaitSight): Promise<WaitSight> {
    if (isTerminal(job)) {
      await this.#waitForPodEnds();
      return { ...this.#sightOf(job), details: this.#details };
    }
    const pod = livePod(pods);
    await this.#listEvents(pod);
    await this.#readNode(pod);
    const sight = this.look();
    const isOutdated = isTerminal(sight.job) || livePod(sight.pods)?.metadata.uid !== pod?.metadata.uid;
    return isOutdated ? sight : { ...sight, details: this.#details };
  }

  /** Resolves after the next change, or after this many milliseconds. Rejects if the activity is cancelled. */
  async nextChange(withinMs: number): Promise<void> {
    if (await this.#changedWithin(withinMs)) this.#lastChangeMs = Date.now();
  }

  #sightOf(job: Job | undefined): WaitSight {
    return {
      job,
      wasInView: this.#view.seen,
      lastJob: this.#lastJob,
      pods: this.#podSights,
      siblingsHoldRoom: () => this.#view.hasScheduledSiblings,
      isWatching: this.#view.failure === undefined,
    };
  }

  get #details(): SightDetails {
    return { events: this.#events.notes, nodeProblem: this.#nodeProblem };
  }

  /** The pods of this Job only: the view also shows the pods of another Job that has taken the name. */
  get #podSights(): PodSight[] {
    const { pods, gonePods, missedDeletions, startedPods } = this.#view;
    const { uid: jobUid } = this.#observed.job;
    return pods
      .filter(({ metadata }) => (metadata.labels?.[CONTROLLER_UID_LABEL] ?? jobUid) === jobUid)
      .map((pod) => {
        const { uid = '' } = pod.metadata;
        // A pod that was deleted while the watch was down may have started after it was last seen.
        return { pod, isGone: gonePods.has(uid), mayHaveStarted: missedDeletions.has(uid) || startedPods.has(uid) };
      });
  }

  async #waitForPodEnds(): Promise<void> {
    const untilMs = Date.now() + POD_LAG_MS;
    while (!haveEnded(this.#podSights) && Date.now() < untilMs) await this.#changedWithin(untilMs - Date.now());
  }

  async #listEvents(pod: Pod | undefined): Promise<void> {
    const nowMs = Date.now();
    const isCreating = pod === undefined || validatorStatus(pod)?.state?.waiting?.reason === 'ContainerCreating';
    if (!isCreating) this.#events = { atMs: nowMs, notes: [] };
    const afterMs = pod === undefined ? EVENTS_AFTER_MS.podless : EVENTS_AFTER_MS.creating;
    const isEarly = nowMs - this.beganMs < afterMs || nowMs - this.#events.atMs < EVENTS_EVERY_MS;
    if (!isCreating || isEarly) return;
    const { cluster, namespace, job } = this.#observed;
    const notes = await eventsOf(cluster.api, namespace, pod?.metadata.uid ?? job.uid, this.#signal);
    this.#events = { atMs: Date.now(), notes };
  }

  async #readNode(pod: Pod | undefined): Promise<void> {
    const node = pod?.spec?.nodeName;
    const isSilent = Date.now() - this.#lastChangeMs >= SILENT_MS;
    // A change of a pod on a lost node comes from the node controller, so it does not mean that the node is back.
    if (node === undefined || (!isSilent && this.#nodeProblem === undefined)) {
      this.#nodeProblem = undefined;
      return;
    }
    this.#nodeProblem = await this.#observed.cluster.nodes.problem(node, this.#signal).catch((error: unknown) => {
      if (isKind(error, 'forbidden')) return undefined;
      throw error;
    });
  }

  /** @returns whether anything has changed within the time. */
  async #changedWithin(ms: number): Promise<boolean> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), ms);
    try {
      await this.#view.changed(AbortSignal.any([this.#signal, over.signal]));
      return true;
    } catch (error) {
      if (!over.signal.aborted || this.#signal.aborted) throw error;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}

function isTerminal(job: Job | undefined): boolean {
  return job !== undefined && terminalCondition(job) !== undefined;
}
