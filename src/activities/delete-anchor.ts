import type { Cluster } from '../cluster/clusters.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import { ResourceWatch } from '../cluster/watch/resource-watch.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { anchorName } from '../run/anchor.ts';
import { hasMarks } from '../run/marks.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/**
 * Deletes the run's anchor in the foreground and waits until it is gone. The anchor is deleted last, so that an object
 * that a late writer still creates is collected too.
 * Keeps G3: the garbage collector keeps the anchor until everything that it owns is gone, so its absence proves theirs.
 */
export function deleteAnchor({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<void> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const ref = { resource: CONFIG_MAPS, namespace: run.namespace, name: anchorName(run.runId) };
    const anchor = await cluster.api.find<ConfigMap>(ref, signal);
    if (anchor === undefined || !hasMarks(anchor, run.marks)) return;
    const uid = anchor.metadata.uid ?? '';
    await cluster.api.delete(ref, { uid, propagation: 'Foreground', signal });
    await withHeartbeat(
      () => ({ phase: 'Waiting until what the anchor owns is gone', anchor: ref.name }),
      () => waitUntilGone(cluster, run.namespace, ref.name, uid, signal),
    );
  });
}

/** Resolves when no ConfigMap of this name has this UID. */
async function waitUntilGone(
  cluster: Cluster,
  namespace: string,
  name: string,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const gone = Promise.withResolvers<void>();
  const hasUid = (object: ConfigMap) => object.metadata.uid === uid;
  const scope = { resource: CONFIG_MAPS, namespace, fieldSelector: `metadata.name=${name}` };
  const watch = new ResourceWatch<ConfigMap>(cluster.api, scope, {
    listed: (items) => (items.some(hasUid) ? undefined : gone.resolve()),
    changed: (object) => (hasUid(object) ? undefined : gone.resolve()),
    deleted: () => gone.resolve(),
  });
  const abort = () => gone.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await gone.promise;
  } finally {
    signal.removeEventListener('abort', abort);
    watch.stop();
  }
}
