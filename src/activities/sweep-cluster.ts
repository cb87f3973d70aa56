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
  /** Say what would be removed, and remove nothing. */
  dryRun: boolean;
  /** Objects of a run that Temporal does not know are left alone for this long after they were made, in milliseconds. */
  minAgeMs: number;
}

/** Of a list in a {@link SweepResult}. */
const MAX_LISTED = 200;

const RESOURCE_OF: Record<MarkedKind, Resource> = {
  Job: JOBS,
  ClusterRoleBinding: CLUSTER_ROLE_BINDINGS,
  ServiceAccount: SERVICE_ACCOUNTS,
  ConfigMap: CONFIG_MAPS,
};

/**
 * Removes what closed runs left on a cluster: a run that was terminated, or ran into a timeout, never gets to clean up itself. Finds by
 * Proctor's own marks of this installation, and asks Temporal of each run before it touches anything: open means hands off, and so does a
 * Temporal that does not answer. Two sweeps at once do no harm: every delete names the UID that was seen.
 */
export function sweepCluster({ clusters, installation, runState }: ActivityDeps) {
  return defineActivity(async ({ cluster: name, dryRun, minAgeMs }: SweepInput, signal): Promise<SweepResult> => {
    const cluster = clusters.get(name);
    const result: SweepResult = { cluster: name, dryRun, runs: { found: 0, open: 0 }, removed: [], failed: [] };
    const sweep = async () => {
      for (const run of runsOf(await listMarkedObjects(cluster, installation, signal))) {
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
  for (const kind of MARKED_KINDS) {
    let next: string | undefined;
    do {
      const page = await cluster.api.list<KubernetesObject>(
        RESOURCE_OF[kind],
        { labelSelector, continue: next },
        signal,
      );
      found.push(...page.items.map((object) => markedObject(kind, object)));
      next = page.next;
    } while (next !== undefined);
  }
  return found;
}

/** One object's failure is told and does not keep the others. */
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
    // In the foreground, so that an owner is seen to go only after what it owns.
    const propagation = kind === 'Job' || kind === 'ConfigMap' ? 'Foreground' : 'Background';
    if (!dryRun)
      await cluster.api.delete({ resource: RESOURCE_OF[kind], namespace, name }, { uid, propagation, signal });
    if (result.removed.length < MAX_LISTED) result.removed.push(describeObject(object));
  } catch (error) {
    if (signal.aborted) throw error;
    if (result.failed.length < MAX_LISTED) result.failed.push(`${describeObject(object)}: ${messageOf(error)}`);
  }
}
