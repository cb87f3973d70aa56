import type { KubernetesObject } from '../../kubernetes/types.ts';
import { EXPIRES_ANNOTATION, WORKFLOW_ID, WORKFLOW_RUN_ID } from '../marks.ts';

/** What the sweep finds: an object with Proctor's marks, of this installation. */
export interface MarkedObject {
  kind: MarkedKind;
  namespace?: string;
  name: string;
  uid: string;
  createdMs: number;
  /** UIDs of the objects that own it. */
  owners?: string[];
  /** Absent on an object whose marks somebody changed: then nothing is known of its run, and it is left alone. */
  workflowId?: string;
  workflowRunId?: string;
  /** When an object that outlives its run on purpose may go. */
  expiresMs?: number;
  /** Already on its way: another sweep's, or somebody's. */
  deleting: boolean;
}

/**
 * The kinds that a run makes, in the order in which they are removed: a Job's pods end before the role is taken from them, and the binding
 * goes before the ServiceAccount. Pods go with their Jobs; the anchor, a ConfigMap, goes last of all.
 */
export const MARKED_KINDS = ['Job', 'ClusterRoleBinding', 'ServiceAccount', 'ConfigMap'] as const;
export type MarkedKind = (typeof MARKED_KINDS)[number];

/** What Temporal says of a run. */
export type RunState =
  | 'open'
  | 'closed'
  /** Temporal has no such run: its retention is over, or it never was. */
  | 'unknown';

export interface OrphanedRun {
  workflowId: string;
  workflowRunId: string;
  objects: MarkedObject[];
}

export function markedObject(kind: MarkedKind, { metadata }: KubernetesObject): MarkedObject {
  const { namespace, name = '', uid = '', creationTimestamp, deletionTimestamp, labels, annotations } = metadata;
  const owners = metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
  const workflowId = annotations?.[WORKFLOW_ID];
  const workflowRunId = labels?.[WORKFLOW_RUN_ID];
  const expires = annotations?.[EXPIRES_ANNOTATION];
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    createdMs: creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp),
    ...(owners.length === 0 ? {} : { owners }),
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(workflowRunId === undefined ? {} : { workflowRunId }),
    ...(expires === undefined ? {} : { expiresMs: Date.parse(expires) }),
    deleting: deletionTimestamp !== undefined,
  };
}

/** The runs that objects belong to. What does not say whose it is belongs to none. */
export function runsOf(objects: readonly MarkedObject[]): OrphanedRun[] {
  const runs = new Map<string, OrphanedRun>();
  for (const object of objects) {
    const { workflowId, workflowRunId } = object;
    if (workflowId === undefined || workflowRunId === undefined) continue;
    const key = JSON.stringify([workflowId, workflowRunId]);
    const run = runs.get(key) ?? { workflowId, workflowRunId, objects: [] };
    run.objects.push(object);
    runs.set(key, run);
  }
  return [...runs.values()];
}

/**
 * What of a run's objects is to be removed, in order. Of an open run nothing; of an unknown one only what is old enough that its run cannot
 * be about to begin; and never what is to stay and has not expired.
 */
export function toRemove(
  { objects }: OrphanedRun,
  state: RunState,
  { nowMs, minAgeMs }: { nowMs: number; minAgeMs: number },
): MarkedObject[] {
  if (state === 'open') return [];
  const old = objects.every(({ createdMs }) => nowMs - createdMs >= minAgeMs);
  if (state === 'unknown' && !old) return [];
  return objects.filter((object) => !isKeptObject(object, objects, nowMs)).sort((a, b) => rank(a) - rank(b));
}

/**
 * Whether an object outlives its run on purpose: until its own expiry, and a ConfigMap also until that of the anchor that owns it. A Job has
 * to say so itself, since one that was not looked at may still be at work; and nobody's role ever isKeptObject.
 */
export function isKeptObject(object: MarkedObject, ofRun: readonly MarkedObject[], nowMs: number): boolean {
  const { kind, owners = [], deleting } = object;
  if (deleting || kind === 'ClusterRoleBinding' || kind === 'ServiceAccount') return false;
  const isKept = ({ expiresMs }: MarkedObject) => expiresMs !== undefined && !(expiresMs <= nowMs);
  return isKept(object) || (kind === 'ConfigMap' && ofRun.some((other) => owners.includes(other.uid) && isKept(other)));
}

function rank({ kind, name }: MarkedObject): number {
  const isAnchor = kind === 'ConfigMap' && name.startsWith('proctor-') && !name.startsWith('proctor-result-');
  return isAnchor ? MARKED_KINDS.length : MARKED_KINDS.indexOf(kind);
}

export function describeObject({ kind, namespace, name }: MarkedObject): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
