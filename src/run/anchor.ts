import type { OwnerReference } from '../kubernetes/types.ts';
import type { NamedUid } from './scope.ts';

/** The ConfigMap that owns what a run made: one a run, deleted last. */
export function anchorName(runId: string): string {
  return `proctor-${runId}`;
}

/** The ConfigMap with an attempt's result, which the anchor owns. */
export function resultName(job: string): string {
  return `proctor-result-${job}`;
}

/**
 * The anchor as owner of another object: the garbage collector removes that object with the anchor, and a foreground deletion of the anchor
 * waits until all of them are gone (`blockOwnerDeletion`). Not a `controller`: a ConfigMap is none.
 */
export function ownedByAnchor({ name, uid }: NamedUid): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true };
}
