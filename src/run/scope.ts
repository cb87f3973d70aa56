import type { Marks } from './marks.ts';

/** A cluster as a run knows it: the name the request gives, and the UID of its kube-system namespace, read when the run began. */
export interface ClusterTarget {
  name: string;
  uid: string;
}

/** What every activity of a run is told. */
export interface RunScope {
  cluster: ClusterTarget;
  namespace: string;
  runId: string;
  marks: Marks;
}

/** An object of the run, by the name it has and the UID it was made with. */
export interface NamedUid {
  name: string;
  uid: string;
}
