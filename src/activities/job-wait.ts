import { effectiveTimeoutNs, orchestratorWaitFor } from '../aicr/job/clocks.ts';
import { isKind } from '../cluster/cluster-error.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { eventsOf } from '../cluster/events.ts';
import { JOBS } from '../cluster/resources.ts';
import type { JobView } from '../cluster/watch/job-watch.ts';
import { CONTROLLER_UID_LABEL, terminalCondition } from '../kubernetes/job.ts';
import { conditionOf, hasStarted, validatorStatus } from '../kubernetes/pod.ts';
import type { Job, Pod } from '../kubernetes/types.ts';
import type { Finding } from '../run/ending/cause.ts';
import type { Ending, EndingDetails } from '../run/ending/ending.ts';
import type { Graces } from '../run/ending/graces.ts';
import type { Queue, QueueChange } from '../run/ending/queue.ts';
import { queueOf } from '../run/ending/queue.ts';
import { resultPodOf } from '../run/ending/result-pod.ts';
import { type EventNote, type NodeProblem, type Symptom, sameSymptom, symptomOf } from '../run/ending/symptom.ts';
import { endedOnItsOwn, hasEnded, mayStillBeInvalidated } from '../run/ending/verdict.ts';
import type { NamedUid } from '../run/scope.ts';
import type { Outage } from './outage.ts';

/** The pod's last state follows the Job's within this; both come by watches of their own. */
const POD_LAG_MS = 3_000;
/** How long a Job may take to end after its validator's container; most do within a second. */
const JOB_LAG_MS = 5_000;
/** The same where no container is left that could keep it: the kubelet has yet to say how its pod ended. */
const SETTLING_MS = 60_000;
/** How far the watch may be behind the call that made a Job. */
const WATCH_LAG_MS = 1_000;
/** How often a wait looks up without having been woken, at clocks, node and events: often while something may be wrong, seldom else. */
const LOOK_MS = { uneasy: 1_000, calm: 10_000 };
/**
 * Events cost a request, so they are asked for only while there is no pod, or one whose container is not made for longer than it takes many to
 * start side by side, and not more often than this.
 */
const EVENTS_AFTER_MS = { podless: 4_000, creating: 12_000 };
const EVENTS_EVERY_MS = 10_000;
/** A pod that has been silent for this long has its node looked at. */
const SILENT_MS = 15_000;

export interface JobWaitOptions {
  cluster: Cluster;
  namespace: string;
  job: NamedUid;
  /** The validator's own time, as a Go duration. */
  timeout: string;
  graces: Graces;
  /** What the run was last told of the queue that the pod waits in. Undefined: it is not to be told. */
  queue: Queue | undefined;
  /** The trouble that an earlier try of this wait had seen, with its beginning. */
  earlier?: { symptom: Symptom; sinceMs: number } | undefined;
  /** Is told of the watch's trouble, and ends the wait when that has lasted too long. */
  outage: Outage;
}

/** One wait for one Job: what it sees, since when, and what follows from it. */
export class JobWait {
  readonly #view: JobView;
  readonly #options: JobWaitOptions;
  readonly #signal: AbortSignal;
  /** When the wait for this Job began, by this worker's clock; the Job's own times come from the API server's. */
  readonly #beganMs = Date.now();
  /** The Job as it was last seen. */
  #job: Job | undefined;
  #symptom: { symptom: Symptom; sinceMs: number } | undefined;
  /** What it was last seen to wait for. */
  #waitedFor: Finding | undefined;
  #events: { atMs: number; notes: EventNote[] } = { atMs: 0, notes: [] };
  #lastNews = Date.now();
  /** When the validator was first seen to have ended by itself. */
  #doneMs: number | undefined;
  #nodeProblem: NodeProblem | undefined;

  constructor(view: JobView, options: JobWaitOptions, signal: AbortSignal) {
    this.#view = view;
    this.#options = options;
    this.#signal = signal;
    this.#symptom = options.earlier;
  }

  /** The trouble that is seen now, and since when. */
  get symptom(): { symptom: Symptom; sinceMs: number } | undefined {
    return this.#symptom;
  }

  async end(told: () => void): Promise<Ending | QueueChange> {
    const first = await this.#firstSight();
    if (first === undefined) return { ...this.#seen(), kind: 'job-gone' };
    for (;;) {
      this.#options.outage.see(this.#view.trouble);
      const ended = await this.#ending(first);
      if (ended !== undefined) return ended;
      if (await this.#changedWithin(this.#untilNextLook(first))) this.#lastNews = Date.now();
      told();
    }
  }

  async #ending(first: Job): Promise<Ending | QueueChange | undefined> {
    const { job, seen } = this.#view;
    this.#job = job ?? this.#job ?? first;
    if (job === undefined ? seen : job.metadata.uid !== this.#options.job.uid)
      return { ...this.#seen(), kind: 'job-gone' };
    const condition = job && terminalCondition(job);
    if (condition !== undefined) {
      await this.#podHasEnded();
      return { ...this.#seen(), kind: 'terminal', condition };
    }
    if (this.#isDone()) return { ...this.#seen(), kind: 'done' };
    const trouble = await this.#trouble();
    if (trouble !== undefined) return trouble;
    // While nobody tells what becomes of it, it may have ended in time; and its result could not be read either.
    if (this.#view.trouble !== undefined || this.#timeLeft(job ?? first) > 0) return undefined;
    return { ...this.#seen(), kind: 'timeout' };
  }

  #untilNextLook(first: Job): number {
    if (this.#view.trouble !== undefined) return LOOK_MS.uneasy;
    const pod = this.#pod();
    const calm = pod !== undefined && hasStarted(pod) && this.#symptom === undefined && this.#doneMs === undefined;
    return Math.max(1, Math.min(calm ? LOOK_MS.calm : LOOK_MS.uneasy, this.#timeLeft(this.#view.job ?? first)));
  }

  /** The Job as the watch has it. One that was made a moment ago comes within that; an absence that lasts is asked for. */
  async #firstSight(): Promise<Job | undefined> {
    const until = Date.now() + WATCH_LAG_MS;
    while (this.#view.job === undefined && Date.now() < until) await this.#changedWithin(until - Date.now());
    if (this.#view.job !== undefined) return this.#view.job;
    const { cluster, namespace, job } = this.#options;
    const found = await cluster.api.find<Job>({ resource: JOBS, namespace, name: job.name }, this.#signal);
    return found?.metadata.uid === job.uid ? found : undefined;
  }

  async #trouble(): Promise<Ending | QueueChange | undefined> {
    const symptom = await this.#look();
    const sinceMs = this.#sinceMs(symptom);
    this.#symptom = symptom && { symptom, sinceMs };
    // A Job that runs out of its time takes its pod away, which is then the trouble, but not what it had waited for.
    if (symptom !== undefined && symptom.finding.cause !== 'pod-deleted') this.#waitedFor = symptom.finding;
    const queue = queueOf(symptom);
    if (this.#options.queue !== undefined && queue !== this.#options.queue && this.#isNews(queue)) {
      return { kind: 'queue', queue, ...(symptom?.finding.evidence && { evidence: symptom.finding.evidence }) };
    }
    if (symptom?.graceMs === undefined || Date.now() - sinceMs < symptom.graceMs) return undefined;
    return { ...this.#seen(), kind: 'early', finding: symptom.finding };
  }

  /** A pod that is taken away has not come out of its queue; the wait that saw it in there is the one that knows that it never started. */
  #isNews(queue: Queue): boolean {
    const pod = this.#pod();
    return queue !== 'none' || (pod !== undefined && pod.metadata.deletionTimestamp === undefined);
  }

  /**
   * Since when a trouble lasts: what is seen late began when Kubernetes told of it, but not before this wait did (clocks differ), nor while
   * there was another.
   */
  #sinceMs(symptom: Symptom | undefined): number {
    const nowMs = Date.now();
    if (this.#symptom === undefined) return Math.min(nowMs, Math.max(this.#beganMs, symptom?.beganMs ?? nowMs));
    return sameSymptom(this.#symptom.symptom, symptom) ? this.#symptom.sinceMs : nowMs;
  }

  async #look(): Promise<Symptom | undefined> {
    const pod = this.#pod();
    await this.#askEvents(pod);
    await this.#askNode(pod);
    const siblingsHoldRoom = () => this.#view.siblingsHoldRoom;
    const sight = {
      job: this.#view.job,
      pod,
      events: this.#events.notes,
      nodeProblem: this.#nodeProblem,
      siblingsHoldRoom,
    };
    return symptomOf(sight, this.#options.graces);
  }

  /** Of this Job: another that has taken its name has pods that the view shows, too. */
  get #pods(): readonly Pod[] {
    const { uid } = this.#options.job;
    return this.#view.pods.filter(({ metadata }) => (metadata.labels?.[CONTROLLER_UID_LABEL] ?? uid) === uid);
  }

  /** The pod that still is, or none: one that is gone has no trouble of its own any more. */
  #pod(): Pod | undefined {
    return resultPodOf(this.#pods.filter(({ metadata }) => !this.#view.gonePods.has(metadata.uid ?? '')));
  }

  async #askEvents(pod: Pod | undefined): Promise<void> {
    const now = Date.now();
    const creating = pod === undefined || validatorStatus(pod)?.state?.waiting?.reason === 'ContainerCreating';
    if (!creating) this.#events = { atMs: now, notes: [] };
    const after = pod === undefined ? EVENTS_AFTER_MS.podless : EVENTS_AFTER_MS.creating;
    if (!creating || now - this.#beganMs < after || now - this.#events.atMs < EVENTS_EVERY_MS) return;
    const { cluster, namespace, job } = this.#options;
    const notes = await eventsOf(cluster.api, namespace, pod?.metadata.uid ?? job.uid, this.#signal);
    this.#events = { atMs: Date.now(), notes };
  }

  async #askNode(pod: Pod | undefined): Promise<void> {
    const node = pod?.spec?.nodeName;
    const silent = Date.now() - this.#lastNews >= SILENT_MS;
    // What is news of a pod on a lost node comes from the node controller, so it does not end what is known of the node.
    if (node === undefined || (!silent && this.#nodeProblem === undefined)) {
      this.#nodeProblem = undefined;
      return;
    }
    this.#nodeProblem = await this.#options.cluster.nodes.trouble(node, this.#signal).catch((error: unknown) => {
      if (isKind(error, 'forbidden')) return undefined;
      throw error;
    });
  }

  /**
   * What is left of the orchestrator's wait, in milliseconds. The validator's own time starts with its container; while it waits in a queue
   * no time runs at all.
   */
  #timeLeft(job: Job): number {
    if (queueOf(this.#symptom?.symptom) !== 'none') return Number.POSITIVE_INFINITY;
    const pod = this.#pod();
    const state = pod === undefined ? undefined : validatorStatus(pod)?.state;
    const start = state?.running?.startedAt ?? job.status?.startTime ?? job.metadata.creationTimestamp;
    const observedStartMs = start === undefined ? null : Math.max(Date.parse(start), this.#placedMs());
    // From the moment this wait began: an orchestrator that was away gives a Job at least the contract's 30 seconds.
    const nowMs = Math.max(this.#beganMs, observedStartMs ?? 0);
    return (
      nowMs +
      orchestratorWaitFor({ observedStartMs, nowMs, timeoutNs: effectiveTimeoutNs(this.#options.timeout) }) -
      Date.now()
    );
  }

  /** When the pod was given its node: one that had to wait for room starts its clock from there. */
  #placedMs(): number {
    const scheduled = conditionOf(this.#pod(), 'PodScheduled');
    // Null where whoever wrote the condition knew of no time, as some virtual kubelets do.
    return Date.parse(scheduled?.lastTransitionTime ?? '') || 0;
  }

  /** The validator has its verdict, and the Job has had the time to follow: a sidecar keeps it. */
  #isDone(): boolean {
    const pod = resultPodOf(this.#pods);
    if (pod === undefined || !endedOnItsOwn(pod)) return false;
    this.#doneMs ??= Date.now();
    return Date.now() - this.#doneMs >= (mayStillBeInvalidated(pod) ? SETTLING_MS : JOB_LAG_MS);
  }

  #seen(): EndingDetails {
    const pod = resultPodOf(this.#pods);
    const createdAt = this.#job?.metadata.creationTimestamp;
    const started = pod === undefined ? this.#mayHaveHadPod() : this.#pods.some((one) => this.#mayHaveStarted(one));
    return {
      ...(pod !== undefined && { pod }),
      ...(createdAt !== undefined && { createdAt }),
      started,
      ...(!started && this.#waitedFor !== undefined && { trouble: this.#waitedFor }),
    };
  }

  /** A pod that had not started when it was last seen may have done so before it vanished, if nobody watched then. */
  #mayHaveStarted(pod: Pod): boolean {
    const uid = pod.metadata.uid ?? '';
    return hasStarted(pod) || this.#view.unseenEnds.has(uid) || this.#view.startedPods.has(uid);
  }

  /** Whoever comes late sees no pod, and not always the Job, of a validator that did run. */
  #mayHaveHadPod(): boolean {
    const { active = 0, succeeded = 0, failed = 0 } = this.#job?.status ?? {};
    return this.#view.job === undefined || active + succeeded + failed > 0;
  }

  async #podHasEnded(): Promise<void> {
    const until = Date.now() + POD_LAG_MS;
    const pending = () => this.#pods.some((pod) => !hasEnded(pod) && !this.#view.gonePods.has(pod.metadata.uid ?? ''));
    while (pending() && Date.now() < until) await this.#changedWithin(until - Date.now());
  }

  /** @returns whether anything has changed within the time; rejects when the activity is cancelled. */
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
