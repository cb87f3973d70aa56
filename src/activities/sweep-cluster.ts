import type { Cluster } from '../cluster/clusters.ts';
import { CLUSTER_ROLE_BINDINGS, CONFIG_MAPS, JOBS, type Resource, SERVICE_ACCOUNTS } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import {
  describeObject,
  MARKED_KINDS,
  type MarkedKind,
  type MarkedObject,
  markedObject,
} from '../run/cleanup/marked-object.ts';
import { groupByRun, objectsToRemove, type RunState } from '../run/cleanup/orphans.ts';
import type { SweepResult } from '../run/cleanup/sweep-request.ts';
import { messageOf } from '../run/error-message.ts';
import { installationSelector } from '../run/marks.ts';
import type { ActivityDeps } from './activity-deps.ts';
import { defineActivity, type Versioned } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface SweepInput extends Versioned {
  cluster: string;
  /** Whether to only report what would be removed. */
  dryRun: boolean;
  /** If Temporal does not know a run, its objects stay for this long after they were created, in milliseconds. */
  minAgeMs: number;
}

/** Bounds each list of a {@link SweepResult}. */
const MAX_LISTED = 200;

const RESOURCE_OF: Record<MarkedKind, Resource> = {
  Job: JOBS,
  ClusterRoleBinding: CLUSTER_ROLE_BINDINGS,
  ServiceAccount: SERVICE_ACCOUNTS,
  ConfigMap: CONFIG_MAPS,
};

/**
 * Removes what closed runs left on a cluster. A run that was terminated or timed out cannot clean up itself. Finds
 * objects by the marks of this installation, and asks Temporal about each run before it deletes anything. The objects
 * of an open run stay. If Temporal does not answer, the sweep fails. Two sweeps at the same time do no harm, because
 * every delete names the UID that was read.
 */
export function sweepCluster({ clusters, installation, runState }: ActivityDeps) {
  return defineActivity(async ({ cluster: name, dryRun, minAgeMs }: SweepInput, signal): Promise<SweepResult> => {
    const cluster = clusters.get(name);
    const result: SweepResult = { cluster: name, dryRun, runs: { found: 0, open: 0 }, removed: [], failed: [] };
    const sweep = async () => {
      for (const run of groupByRun(await listMarkedObjects(cluster, installation, signal))) {
        const state: RunState = await runState(run.workflowId, run.workflowRunId);
        result.runs.found++;
        if (state === 'open') result.runs.open++;
        for (const object of objectsToRemove(run, state, { nowMs: Date.now(), minAgeMs })) {
          await remove(cluster, object, dryRun, result, signal);
        }
      }
    };
    await withHeartbeat(() => ({ phase: 'Sweeping', runs: result.runs, removed: result.removed.length }), sweep);
    return result;
  });
}

async function listMarkedObjects(cluster: Cluster, installation: string, signal: AbortSignal): Promise<MarkedObject[]> {
  const labelSelector = installationSelector(installation);
  const found: MarkedObject[] = [];
  for (const kind of MARKED_KINDS)
    for await (const objects of cluster.api.pages<KubernetesObject>(RESOURCE_OF[kind], { labelSelector }, signal))
      found.push(...objects.map((object) => markedObject(kind, object)));
  return found;
}

/** Removes one object. If that fails, the result says so, and the sweep continues. */
async function remove(
  cluster: Cluster,
  object: MarkedObject,
  dryRun: boolean,
  result: SweepResult,
  signal: AbortSignal,
): Promise<void> {
  if (object.deleting) return;
  const { kind, namespace, name, uid } = object;
  try {
    // In the foreground, an owner is gone only after everything that it owns.
    const propagation = kind === 'Job' || kind === 'ConfigMap' ? 'Foreground' : 'Background';
    if (!dryRun)
      await cluster.api.delete({ resource: RESOURCE_OF[kind], namespace, name }, { uid, propagation, signal });
    if (result.removed.length < MAX_LISTED) result.removed.push(describeObject(object));
  } catch (error) {
    if (signal.aborted) throw error;
    if (result.failed.length < MAX_LISTED) result.failed.push(`${describeObject(object)}: ${messageOf(error)}`);
  }
}
