import { dataConfigMapLabels } from '../aicr/job/labels.ts';
import type { Cluster } from '../cluster/clusters.ts';
import { ownedByAnchor } from '../run/anchor.ts';
import { withMarks } from '../run/marks.ts';
import type { NamedUid, RunScope } from '../run/scope.ts';
import { ConfigMapStore } from './config-map-store.ts';
import type { ResultStore } from './result-store.ts';

/** Opens the store of one run. Its ConfigMaps belong to the run's anchor, and are deleted with it. */
export function runResultStore(cluster: Cluster, run: RunScope, anchor: NamedUid): ResultStore {
  return new ConfigMapStore(cluster.api, run.namespace, {
    ...withMarks({ labels: dataConfigMapLabels(run.runId) }, run.marks),
    ownerReferences: [ownedByAnchor(anchor)],
  });
}
