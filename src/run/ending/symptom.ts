import { hasStarted } from '../../kubernetes/pod.ts';
import type { Job, Pod } from '../../kubernetes/types.ts';
import { type Cause, type Finding, finding } from './cause.ts';
import type { Graces } from './graces.ts';
import { startProblemOf } from './start-problem.ts';
import { isTransientPull } from './transient-pull.ts';

/** The part of a Kubernetes Event that Proctor uses. */
export interface EventNote {
  reason: string;
  message: string;
  /** When it was first reported, in milliseconds. */
  firstMs?: number;
}

/** What is wrong with a node. */
export interface NodeProblem {
  evidence: string;
  /** Since when, in milliseconds, according to Kubernetes. */
  sinceMs?: number;
}

/** What a wait observes of a validator that has not ended. */
export interface Observation {
  job: Job | undefined;
  pod: Pod | undefined;
  /** The Job's events while it has no pod; the pod's events while it has not started. */
  events: readonly EventNote[];
  /** What is wrong with the pod's node; undefined if it is Ready, or if its state is not known. */
  nodeProblem: NodeProblem | undefined;
  /**
   * Whether other pods of the run are on nodes, so that their end makes room. Called only if needed, since it looks at
   * all of them.
   */
  siblingsHoldRoom: () => boolean;
}

/** A problem as it is seen now, and how long it may last. Without a grace it may last indefinitely. */
export interface Symptom {
  finding: Finding;
  graceMs?: number;
  /** When Kubernetes first reported it, in milliseconds, if known: events and nodes are read only from time to time. */
  beganMs?: number;
  /** Whether it waits for room that other validators of its run hold, so that starting more of them would not help. */
  forRoom?: boolean;
}

/** What keeps a validator from starting or from running; undefined if nothing does. */
export function symptomOf(observation: Observation, graces: Graces): Symptom | undefined {
  const { job, pod, nodeProblem } = observation;
  if (job?.spec.suspend === true) return { finding: finding('queued', 'the Job is suspended') };
  if (pod === undefined) return refusedCreation(observation, graces);
  if (isDeletedWithoutNode(pod)) return deletedBeforeItsNode(job, pod);
  if (nodeProblem !== undefined) return lostNode(nodeProblem, graces);
  if (hasStarted(pod)) return undefined;
  const problem = startProblemOf(pod);
  return problem === undefined ? missingVolume(observation, graces) : symptomBeforeStart(problem, observation, graces);
}

/**
 * Whether two symptoms are the same problem. They are if they have the same cause: its evidence may change from retry
 * to retry.
 */
export function sameSymptom(one: Symptom | undefined, other: Symptom | undefined): boolean {
  return one?.finding.cause === other?.finding.cause;
}

function refusedCreation({ events }: Observation, { createRefused }: Graces): Symptom | undefined {
  return symptomFromEvents(
    'create-refused',
    events.filter(({ reason }) => reason === 'FailedCreate'),
    createRefused,
  );
}

function isDeletedWithoutNode({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && spec?.nodeName === undefined;
}

/**
 * A Job's suspension and the deletion of its pod arrive by separate watches; the suspension may arrive this much later.
 */
const SUSPENSION_LAG_MS = 2_000;

/**
 * A pod that was deleted before it had a node. No kubelet will start it or report its end; the pod garbage collector
 * reports it to the Job up to 20 s later. It was the Job's only pod, unless the Job has been suspended and resumed
 * since.
 */
function deletedBeforeItsNode(job: Job | undefined, { metadata }: Pod): Symptom | undefined {
  const { startTime } = job?.status ?? {};
  const { creationTimestamp } = metadata;
  if (startTime !== undefined && creationTimestamp !== undefined && startTime > creationTimestamp) return undefined;
  return { finding: finding('pod-deleted', 'the pod was deleted before it had a node'), graceMs: SUSPENSION_LAG_MS };
}

function lostNode({ evidence, sinceMs }: NodeProblem, { nodeLost }: Graces): Symptom {
  return {
    finding: finding('node-lost', evidence),
    graceMs: nodeLost,
    ...(sinceMs !== undefined && { beganMs: sinceMs }),
  };
}

/** A pod whose ConfigMap or Secret is missing stays in ContainerCreating; only its events say why. */
function missingVolume({ events }: Observation, { configError }: Graces): Symptom | undefined {
  const failed = events.filter(
    ({ reason, message }) => reason === 'FailedMount' && /not found|references non-existent/.test(message),
  );
  return symptomFromEvents('config-error', failed, configError);
}

/** A problem that only events report: the latest event is its evidence, the first one its beginning. */
function symptomFromEvents(cause: Cause, events: readonly EventNote[], graceMs: number): Symptom | undefined {
  const latest = events.at(-1);
  if (latest === undefined) return undefined;
  const beganMs = Math.min(...events.map(({ firstMs = Number.POSITIVE_INFINITY }) => firstMs));
  return { finding: finding(cause, latest.message), graceMs, ...(Number.isFinite(beganMs) && { beganMs }) };
}

/** The scheduler's words for a pod that would fit if other pods ended. */
const NO_ROOM = /Insufficient |Too many pods/;

function symptomBeforeStart(problem: Finding, { siblingsHoldRoom }: Observation, graces: Graces): Symptom | undefined {
  const { cause, evidence = '' } = problem;
  if (cause === 'unschedulable' && NO_ROOM.test(evidence) && siblingsHoldRoom())
    return { finding: finding('queued', evidence), forRoom: true };
  const graceOf: Partial<Record<Cause, number>> = {
    'image-pull': isTransientPull(evidence) ? graces.imagePullTransient : graces.imagePull,
    unschedulable: graces.unschedulable,
    'config-error': graces.configError,
  };
  if (cause === 'queued') return { finding: problem };
  const graceMs = graceOf[cause];
  // A failed init container and a refusal by the kubelet have no grace: the Job itself ends because of them.
  return graceMs === undefined ? undefined : { finding: problem, graceMs };
}
