import { nsToMs, parseGoDuration } from '../../aicr/go/duration.ts';
import { hasStarted } from '../../kubernetes/pod.ts';
import type { Job, Pod } from '../../kubernetes/types.ts';
import { type Cause, type Finding, finding } from './cause.ts';
import type { Queue } from './ending.ts';
import { isTransientPull, troubleOf } from './start-problem.ts';

/** How long each trouble may last before the validator ends with it as its cause, in milliseconds. */
export interface Graces {
  /** An image that is not there, or may not be had. */
  imagePull: number;
  /** A registry that limits, is slow or broken for the moment. */
  imagePullTransient: number;
  /** No node takes the pod, and no sibling's end would change that: an autoscaler may be at work. */
  unschedulable: number;
  /** A ConfigMap, Secret or key that is missing. */
  configError: number;
  /** A pod that the API server refuses to create. */
  createRefused: number;
  /** A node that is not Ready: a reboot takes a while, and its pod may come through it. */
  nodeLost: number;
  /** A cluster that does not answer: Jobs go on meanwhile, and their verdicts are there when it answers again. */
  clusterUnreachable: number;
}

const MINUTE = 60_000;

/** Sonobuoy gives image pulls five minutes; Tekton, Flyte and Airflow were each burned by both "never" and "at once" (peers.md). */
export const DEFAULT_GRACES: Graces = {
  imagePull: 2 * MINUTE,
  imagePullTransient: 10 * MINUTE,
  unschedulable: 5 * MINUTE,
  configError: 2 * MINUTE,
  createRefused: 2 * MINUTE,
  nodeLost: 2 * MINUTE,
  clusterUnreachable: 60 * MINUTE,
};

/** Graces as a request gives them, in milliseconds. */
export function gracesFrom(given: Partial<Record<keyof Graces, string>>): Partial<Graces> {
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, nsToMs(parseGoDuration(text))]));
}

/** The part of a Kubernetes Event that is used. */
export interface EventNote {
  reason: string;
  message: string;
  /** When it was first told, in milliseconds. */
  firstMs?: number;
}

/** What is wrong with a node. */
export interface NodeProblem {
  evidence: string;
  /** Since when, in milliseconds, as Kubernetes has it. */
  sinceMs?: number;
}

/** What can be seen of a validator that has not ended. */
export interface Sight {
  job: Job | undefined;
  pod: Pod | undefined;
  /** Events of the Job while it has no pod, of the pod while it has not started. */
  events: readonly EventNote[];
  /** What is wrong with the pod's node; undefined while it is Ready, or not known. */
  nodeTrouble: NodeProblem | undefined;
  /** Whether other pods of the same run are on nodes, so that their end makes room. Asked only where it matters: it looks at all of them. */
  siblingsHoldRoom: () => boolean;
}

/** A trouble as it is seen now, and how long it may last; without a grace it may last as long as it likes. */
export interface Symptom {
  finding: Finding;
  graceMs?: number;
  /** When Kubernetes itself first told of it, in milliseconds, where that is known: events and nodes are looked at now and then only. */
  beganMs?: number;
  /** It waits for room that its run's other validators hold, so that more of them would not help. */
  forRoom?: boolean;
}

export function symptomOf(sight: Sight, graces: Graces): Symptom | undefined {
  const { job, pod, nodeTrouble } = sight;
  if (job?.spec.suspend === true) return { finding: finding('queued', 'the Job is suspended') };
  if (pod === undefined) return refusedCreation(sight, graces);
  if (isTakenBack(pod)) return deletedBeforeItsNode(job, pod);
  if (nodeTrouble !== undefined) return lostNode(nodeTrouble, graces);
  if (hasStarted(pod)) return undefined;
  const trouble = troubleOf(pod);
  return trouble === undefined ? missingVolume(sight, graces) : withGrace(trouble, sight, graces);
}

/** The queue that a trouble is, if it is one. */
export function queueOf(symptom: Symptom | undefined): Queue {
  if (symptom?.finding.cause !== 'queued') return 'none';
  return symptom.forRoom === true ? 'room' : 'elsewhere';
}

/** The trouble is the same as long as its cause is: the evidence's words may change from try to try. */
export function sameSymptom(one: Symptom | undefined, other: Symptom | undefined): boolean {
  return one?.finding.cause === other?.finding.cause;
}

function refusedCreation({ events }: Sight, { createRefused }: Graces): Symptom | undefined {
  return toldOf(
    'create-refused',
    events.filter(({ reason }) => reason === 'FailedCreate'),
    createRefused,
  );
}

/** How long the Job's suspension may be seen later than what it does to its pod: they come by watches of their own. */
const SUSPENSION_LAG_MS = 2_000;

/**
 * Deleted before it had a node: no kubelet will ever start it, nor tell the Job of its end, which the pod garbage collector does up to 20 s
 * later. Unless its Job was suspended and resumed since, this was the Job's only pod.
 */
function deletedBeforeItsNode(job: Job | undefined, { metadata }: Pod): Symptom | undefined {
  const { startTime } = job?.status ?? {};
  const { creationTimestamp } = metadata;
  if (startTime !== undefined && creationTimestamp !== undefined && startTime > creationTimestamp) return undefined;
  return { finding: finding('pod-deleted', 'the pod was deleted before it had a node'), graceMs: SUSPENSION_LAG_MS };
}

function isTakenBack({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && spec?.nodeName === undefined;
}

function lostNode({ evidence, sinceMs }: NodeProblem, { nodeLost }: Graces): Symptom {
  return {
    finding: finding('node-lost', evidence),
    graceMs: nodeLost,
    ...(sinceMs !== undefined && { beganMs: sinceMs }),
  };
}

/** A pod whose ConfigMap or Secret is missing stays in ContainerCreating; only its events say why. */
function missingVolume({ events }: Sight, { configError }: Graces): Symptom | undefined {
  const failed = events.filter(
    ({ reason, message }) => reason === 'FailedMount' && /not found|references non-existent/.test(message),
  );
  return toldOf('config-error', failed, configError);
}

/** A trouble that only events tell of: in the words of the latest, since the first. */
function toldOf(cause: Cause, events: readonly EventNote[], graceMs: number): Symptom | undefined {
  const latest = events.at(-1);
  if (latest === undefined) return undefined;
  const beganMs = Math.min(...events.map(({ firstMs = Number.POSITIVE_INFINITY }) => firstMs));
  return { finding: finding(cause, latest.message), graceMs, ...(Number.isFinite(beganMs) && { beganMs }) };
}

const ROOM = /Insufficient |Too many pods/;

function withGrace(trouble: Finding, { siblingsHoldRoom }: Sight, graces: Graces): Symptom | undefined {
  const { cause, evidence = '' } = trouble;
  if (cause === 'unschedulable' && ROOM.test(evidence) && siblingsHoldRoom())
    return { finding: finding('queued', evidence), forRoom: true };
  const graceOf: Partial<Record<Cause, number>> = {
    'image-pull': isTransientPull(evidence) ? graces.imagePullTransient : graces.imagePull,
    unschedulable: graces.unschedulable,
    'config-error': graces.configError,
  };
  if (cause === 'queued') return { finding: trouble };
  const graceMs = graceOf[cause];
  // An init container that failed, a refusal by the kubelet: the Job itself ends of those.
  return graceMs === undefined ? undefined : { finding: trouble, graceMs };
}
