import type { FirstRunId, WorkflowId } from '../ids.ts';
import { MARKED_KINDS, type MarkedObject } from './marked-object.ts';

/** Temporal's answer about a run. */
export type RunState =
  | 'open'
  | 'closed'
  /** Temporal does not have the run: its retention is over, or it never existed. */
  | 'unknown';

/** A run, and the objects on the cluster that have its marks. */
export interface OrphanedRun {
  workflowId: WorkflowId;
  workflowRunId: FirstRunId;
  objects: MarkedObject[];
}

/** Groups objects by the run that they belong to, and leaves out objects whose marks name no run. */
export function groupByRun(objects: readonly MarkedObject[]): OrphanedRun[] {
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
 * Selects the objects of a run that the sweep removes, in the order of their removal. The sweep leaves
 * - all objects of an open run;
 * - all objects of an unknown run if one of them is younger than `minAgeMs`, since the run may just be starting;
 * - kept objects that have not expired.
 * Keeps G3 for runs that can no longer clean up.
 */
export function objectsToRemove(
  { objects }: OrphanedRun,
  state: RunState,
  { nowMs, minAgeMs }: { nowMs: number; minAgeMs: number },
): MarkedObject[] {
  if (state === 'open') return [];
  const areOld = objects.every(({ createdMs }) => nowMs - createdMs >= minAgeMs);
  if (state === 'unknown' && !areOld) return [];
  return objects.filter((object) => !isKeptObject(object, objects, nowMs)).sort((a, b) => rank(a) - rank(b));
}

/**
 * Whether an object intentionally outlives its run. It is kept until its own expiry, and a ConfigMap also until the
 * expiry of the anchor that owns it. A Job needs its own expiry, since a Job that cleanup has not checked may still
 * run. A ClusterRoleBinding or ServiceAccount is never kept.
 * @param ofRun all objects of the same run.
 */
export function isKeptObject(object: MarkedObject, ofRun: readonly MarkedObject[], nowMs: number): boolean {
  const { kind, owners = [], deleting } = object;
  if (deleting || kind === 'ClusterRoleBinding' || kind === 'ServiceAccount') return false;
  // An unreadable expiry parses to NaN, and keeps the object.
  const isUnexpired = ({ expiresMs }: MarkedObject) => expiresMs !== undefined && !(expiresMs <= nowMs);
  const isOwnedByUnexpired = () => ofRun.some((other) => owners.includes(other.uid) && isUnexpired(other));
  return isUnexpired(object) || (kind === 'ConfigMap' && isOwnedByUnexpired());
}

function rank({ kind, name }: MarkedObject): number {
  const isAnchor = kind === 'ConfigMap' && name.startsWith('proctor-') && !name.startsWith('proctor-result-');
  return isAnchor ? MARKED_KINDS.length : MARKED_KINDS.indexOf(kind);
}
