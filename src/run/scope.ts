import type { RunId } from './ids.ts';
import type { Marks } from './marks.ts';

/**
 * The cluster of a run: its name in the request, and the UID of its kube-system namespace, which the run reads when it
 * begins.
 */
export interface ClusterTarget {
  name: string;
  uid: string;
}

/** The part of the input that all activities of a run share. */
export interface RunScope {
  cluster: ClusterTarget;
  namespace: string;
  runId: RunId;
  marks: Marks;
}

/** A reference to one object of the run. The UID tells it from a later object of the same name. */
export interface NamedUid {
  name: string;
  uid: string;
}
