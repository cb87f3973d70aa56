import type { OwnerReference } from '../kubernetes/types.ts';
import type { RunId } from './ids.ts';
import type { NamedUid } from './scope.ts';

/** The name of a run's anchor: the ConfigMap that owns the run's other objects and is deleted last. */
export function anchorName(runId: RunId): string {
  return `proctor-${runId}`;
}

/** The name of the ConfigMap that holds an attempt's result. */
export function resultName(job: string): string {
  return `proctor-result-${job}`;
}

/**
 * The owner reference from another object of the run to its anchor. The garbage collector deletes the object with the
 * anchor. Because of `blockOwnerDeletion`, a foreground deletion of the anchor waits until all owned objects are gone.
 * `controller` is not set, since a ConfigMap is not a controller.
 * Keeps G3: the garbage collector removes what is created too late.
 */
export function ownedByAnchor({ name, uid }: NamedUid): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true };
}
