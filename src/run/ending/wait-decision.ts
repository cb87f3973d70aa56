import { effectiveTimeoutNs, orchestratorWaitFor } from '../../aicr/job/clocks.ts';
import { terminalCondition } from '../../kubernetes/job.ts';
import { conditionOf, hasStarted, validatorStatus } from '../../kubernetes/pod.ts';
import type { Job, Pod } from '../../kubernetes/types.ts';
import type { Finding } from './cause.ts';
import type { Ending, EndingDetails } from './ending.ts';
import type { Graces } from './graces.ts';
import { type Queue, type QueueChange, queueOf } from './queue.ts';
import { resultPodOf } from './result-pod.ts';
import { type EventNote, type NodeProblem, type Symptom, sameSymptom, symptomOf } from './symptom.ts';
import { endedOnItsOwn, hasEnded, mayStillBeInvalidated } from './verdict.ts';

/** How long a Job may take to end after its validator's container. Most end within a second. */
const JOB_LAG_MS = 5_000;
/**
 * The same if every container has ended. Then no container keeps the Job, but the kubelet has not yet reported how the
 * pod ended.
 */
const SETTLING_MS = 60_000;
/** When to look again at clocks, node and events if nothing changes: soon, unless the validator runs normally. */
const LOOK_AGAIN_MS = { soon: 1_000, later: 10_000 };

/** What a wait sees of its Job at one moment. */
export interface WaitSight {
  /** The Job as the watch shows it now; undefined if it shows none, or another Job of its name. */
  job: Job | undefined;
  /** Whether the watch has ever shown a Job of this name. If it has, the Job's absence means that it was deleted. */
  wasInView: boolean;
  /** The Job as it was last seen; undefined if it never was. */
  lastJob: Job | undefined;
  /** The Job's pods, as they were last seen. */
  pods: readonly PodSight[];
  /** Whether another pod of the same run has a node and has not ended, so that its end makes room. */
  siblingsHoldRoom: () => boolean;
  /** Whether the watch works now. If it fails, the Job may have ended unseen. */
  isWatching: boolean;
  /** What costs requests or time to find out; absent until a decision asks for it. */
  details?: SightDetails;
}

export interface PodSight {
  pod: Pod;
  /** Whether the pod is no longer on the cluster. */
  isGone: boolean;
  /** Whether its validator may have started, although its last status does not say so. */
  mayHaveStarted: boolean;
}

export interface SightDetails {
  /** Events of the Job if it has no pod, or of a pod that has not started. */
  events: readonly EventNote[];
  /** What is wrong with the pod's node; undefined if it is Ready or unknown. */
  nodeProblem: NodeProblem | undefined;
}

/** A symptom, and since when it has lasted, in milliseconds since the epoch. */
export interface LastingSymptom {
  symptom: Symptom;
  sinceMs: number;
}

/** What a wait remembers from one decision to the next. */
export interface WaitMemory {
  /** The symptom that the validator has now, if any. */
  symptom?: LastingSymptom | undefined;
  /** What the validator was last seen to wait for. */
  waitedFor?: Finding | undefined;
  /** When the validator was first seen to have ended by itself, in milliseconds since the epoch. */
  doneMs?: number | undefined;
}

/** What does not change during a wait. */
export interface WaitTerms {
  /** The validator's own time, as a Go duration. */
  timeout: string;
  graces: Graces;
  /** The queue that was last reported to the run. A change of queue ends the wait, unless this is undefined. */
  queue: Queue | undefined;
}

/** Milliseconds since the epoch, by the worker's clock. The Job's own times come from the API server's. */
export interface WaitClocks {
  nowMs: number;
  /** When this wait began. */
  beganMs: number;
}

/** What a wait does after a look. */
export type WaitDecision =
  | { kind: 'return'; result: Ending | QueueChange; memory: WaitMemory }
  /** Decide again once the sight has {@link WaitSight.details}. */
  | { kind: 'look-closer'; memory: WaitMemory }
  /** Keep waiting, and look again after the next change, or after this many milliseconds. */
  | { kind: 'wait'; lookAgainMs: number; memory: WaitMemory };

/** Decides whether a wait for a Job is over, from what it sees now and what it remembers. */
export function decide(sight: WaitSight, memory: WaitMemory, terms: WaitTerms, clocks: WaitClocks): WaitDecision {
  if (isGone(sight)) return returned(jobGone(sight, memory), memory);
  const condition = sight.job && terminalCondition(sight.job);
  if (condition !== undefined) {
    // Pods have their own watch, so their last state may not have arrived yet.
    if (sight.details === undefined && !haveEnded(sight.pods)) return { kind: 'look-closer', memory };
    return returned({ ...endingDetails(sight, memory), kind: 'terminal', condition }, memory);
  }
  const pod = resultPod(sight);
  const isVerdict = pod !== undefined && endedOnItsOwn(pod);
  const doneMs = memory.doneMs ?? (isVerdict ? clocks.nowMs : undefined);
  const remembered = { ...memory, doneMs };
  if (isVerdict && doneMs !== undefined && clocks.nowMs - doneMs >= jobLagMs(pod))
    return returned({ ...endingDetails(sight, remembered), kind: 'done' }, remembered);
  if (sight.details === undefined) return { kind: 'look-closer', memory: remembered };
  return decideOnSymptom(sight, sight.details, remembered, terms, clocks);
}

/** The ending of a wait that finds no Job, neither in the watch nor on the API server. */
export function jobGone(sight: WaitSight, memory: WaitMemory = {}): Ending {
  // A watch that lags may still show the Job, but without its pod.
  return { ...endingDetails({ ...sight, job: undefined }, memory), kind: 'job-gone' };
}

function isGone({ job, wasInView }: WaitSight): boolean {
  return job === undefined && wasInView;
}

function jobLagMs(pod: Pod): number {
  return mayStillBeInvalidated(pod) ? SETTLING_MS : JOB_LAG_MS;
}

/** Decides on a validator that does not seem to have ended. */
function decideOnSymptom(
  sight: WaitSight,
  details: SightDetails,
  earlier: WaitMemory,
  terms: WaitTerms,
  clocks: WaitClocks,
): WaitDecision {
  const pod = livePod(sight.pods);
  const symptom = symptomSeen(sight, details, terms);
  const sinceMs = symptomSinceMs(symptom, earlier.symptom, clocks);
  const memory: WaitMemory = {
    ...earlier,
    symptom: symptom && { symptom, sinceMs },
    // A Job that exceeds its deadline deletes its pod. That is a symptom, but not what the validator had waited for.
    ...(symptom !== undefined && symptom.finding.cause !== 'pod-deleted' && { waitedFor: symptom.finding }),
  };
  const queue = queueOf(symptom);
  if (terms.queue !== undefined && queue !== terms.queue && isNews(queue, pod)) {
    const { evidence } = symptom?.finding ?? {};
    return returned({ kind: 'queue', queue, ...(evidence && { evidence }) }, memory);
  }
  if (symptom?.graceMs !== undefined && clocks.nowMs - sinceMs >= symptom.graceMs)
    return returned({ ...endingDetails(sight, memory), kind: 'early', finding: symptom.finding }, memory);
  if (!sight.isWatching) return { kind: 'wait', lookAgainMs: LOOK_AGAIN_MS.soon, memory };
  const leftMs = queue === 'none' ? timeLeftMs(sight, terms, clocks) : Number.POSITIVE_INFINITY;
  if (leftMs <= 0) return returned({ ...endingDetails(sight, memory), kind: 'timeout' }, memory);
  const runsNormally = pod !== undefined && hasStarted(pod) && symptom === undefined && memory.doneMs === undefined;
  const lookAgainMs = Math.max(1, Math.min(runsNormally ? LOOK_AGAIN_MS.later : LOOK_AGAIN_MS.soon, leftMs));
  return { kind: 'wait', lookAgainMs, memory };
}

function symptomSeen(sight: WaitSight, details: SightDetails, { graces }: WaitTerms): Symptom | undefined {
  const { job, siblingsHoldRoom } = sight;
  const { events, nodeProblem } = details;
  return symptomOf({ job, pod: livePod(sight.pods), events, nodeProblem, siblingsHoldRoom }, graces);
}

/**
 * Since when a symptom has lasted. A symptom that is seen late began when Kubernetes first reported it, but not before
 * this wait began, because clocks differ, and not while there was another symptom.
 */
function symptomSinceMs(
  symptom: Symptom | undefined,
  earlier: LastingSymptom | undefined,
  { nowMs, beganMs }: WaitClocks,
): number {
  if (earlier === undefined) return Math.min(nowMs, Math.max(beganMs, symptom?.beganMs ?? nowMs));
  return sameSymptom(earlier.symptom, symptom) ? earlier.sinceMs : nowMs;
}

/**
 * Whether a change of the queue is worth reporting. A pod that is deleted has not left its queue, and only a wait that
 * saw it queued knows that it never started.
 */
function isNews(queue: Queue, pod: Pod | undefined): boolean {
  return queue !== 'none' || (pod !== undefined && pod.metadata.deletionTimestamp === undefined);
}

/**
 * What is left of AICR's `OrchestratorWaitFor`, in milliseconds. The validator's own time starts with its container. A
 * wait that began late, for instance because the worker was down, gives the Job at least AICR's 30 seconds.
 */
function timeLeftMs(sight: WaitSight, { timeout }: WaitTerms, { nowMs, beganMs }: WaitClocks): number {
  const { lastJob } = sight;
  const pod = livePod(sight.pods);
  const running = pod && validatorStatus(pod)?.state?.running;
  const start = running?.startedAt ?? lastJob?.status?.startTime ?? lastJob?.metadata.creationTimestamp;
  const observedStartMs = start === undefined ? null : Math.max(Date.parse(start), placedMs(pod));
  const fromMs = Math.max(beganMs, observedStartMs ?? 0);
  const waitMs = orchestratorWaitFor({ observedStartMs, nowMs: fromMs, timeoutNs: effectiveTimeoutNs(timeout) });
  return fromMs + waitMs - nowMs;
}

/** When the pod got its node: the clock of a pod that had to wait for room starts there. 0 if unknown. */
function placedMs(pod: Pod | undefined): number {
  const scheduled = conditionOf(pod, 'PodScheduled');
  // Some virtual kubelets write a null here.
  return Date.parse(scheduled?.lastTransitionTime ?? '') || 0;
}

function returned(result: Ending | QueueChange, memory: WaitMemory): WaitDecision {
  return { kind: 'return', result, memory };
}

function endingDetails(sight: WaitSight, { waitedFor }: WaitMemory): EndingDetails {
  const pod = resultPod(sight);
  const createdAt = sight.lastJob?.metadata.creationTimestamp;
  const started = sight.pods.length === 0 ? mayHaveHadPod(sight) : sight.pods.some(mayHaveStarted);
  return {
    ...(pod !== undefined && { pod }),
    ...(createdAt !== undefined && { createdAt }),
    started,
    ...(!started && waitedFor !== undefined && { trouble: waitedFor }),
  };
}

function mayHaveStarted({ pod, mayHaveStarted }: PodSight): boolean {
  return mayHaveStarted || hasStarted(pod);
}

/** A wait that begins late may see no pod, and perhaps no Job, of a validator that has run. */
function mayHaveHadPod({ job, lastJob }: WaitSight): boolean {
  const { active = 0, succeeded = 0, failed = 0 } = lastJob?.status ?? {};
  return job === undefined || active + succeeded + failed > 0;
}

function resultPod({ pods }: WaitSight): Pod | undefined {
  return resultPodOf(pods.map(({ pod }) => pod));
}

/** The pod that is still on the cluster: a pod that is gone has no symptom any more. */
export function livePod(pods: readonly PodSight[]): Pod | undefined {
  return resultPodOf(pods.filter(({ isGone }) => !isGone).map(({ pod }) => pod));
}

/** Whether every pod has ended or is gone, so that their states will not change any more. */
export function haveEnded(pods: readonly PodSight[]): boolean {
  return pods.every(({ pod, isGone }) => isGone || hasEnded(pod));
}
