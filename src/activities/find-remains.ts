import { sleep } from '../cluster/abortable.ts';
import { isKind } from '../cluster/cluster-error.ts';
import type { Cluster } from '../cluster/clusters.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CONFIG_MAPS,
  JOBS,
  PODS,
  type Resource,
  resourceName,
  SERVICE_ACCOUNTS,
} from '../cluster/resources.ts';
import { blockersFirst, describeRemaining, type Remaining } from '../run/cleanup/remains.ts';
import { withoutKept } from '../run/cleanup/without-kept.ts';
import { runSelector } from '../run/marks.ts';
import type { RunScope } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface FindRemainsInput extends RunInput {
  /** How long to wait for objects that are being deleted, in milliseconds. */
  waitMs: number;
}

export interface Remains {
  /** What is still there: kind and name, what holds it, and what to do. Bounded by {@link MAX_LISTED}. */
  left: string[];
}

const MAX_LISTED = 50;
const POLL_MS = { first: 500, most: 10_000 };

/** Every kind that a run creates, owners last. */
const RESOURCES = [PODS, JOBS, CLUSTER_ROLE_BINDINGS, SERVICE_ACCOUNTS, CONFIG_MAPS];

/**
 * Waits until everything that the run created and did not keep is gone. Finds objects by Proctor's marks, so it also
 * finds objects that the run itself does not know of. Names what is still there after the wait, and what holds it.
 * Keeps G4.
 */
export function findRemains({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, waitMs }: FindRemainsInput, signal): Promise<Remains> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const endMs = Date.now() + waitMs;
    let left: string[] = [];
    const look = async () => {
      for (let pollMs = POLL_MS.first; ; pollMs = Math.min(pollMs * 2, POLL_MS.most)) {
        left = await describeRemains(cluster, run, signal);
        const restMs = endMs - Date.now();
        if (left.length === 0 || restMs <= 0) return;
        await sleep(Math.min(pollMs, restMs), signal);
      }
    };
    await withHeartbeat(() => ({ phase: 'Waiting until everything is gone', left }), look);
    return { left };
  });
}

async function describeRemains(cluster: Cluster, run: RunScope, signal: AbortSignal): Promise<string[]> {
  const found: Remaining[] = [];
  const unlisted: string[] = [];
  for (const resource of RESOURCES) {
    try {
      found.push(...(await listMarked(cluster, run, resource, signal)));
    } catch (error) {
      if (!isKind(error, 'forbidden')) throw error;
      unlisted.push(`${resourceName(resource)} could not be listed: ${error.message}`);
    }
  }
  const left = withoutKept(found, Date.now()).sort(blockersFirst).map(describeRemaining);
  const more = left.length - MAX_LISTED;
  return [...unlisted, ...left.slice(0, MAX_LISTED), ...(more > 0 ? [`… ${more} more`] : [])];
}

async function listMarked(
  cluster: Cluster,
  run: RunScope,
  resource: Resource,
  signal: AbortSignal,
): Promise<Remaining[]> {
  const scope = {
    namespace: resource.namespaced ? run.namespace : undefined,
    labelSelector: runSelector(run.marks),
  };
  const found: Remaining[] = [];
  for await (const items of cluster.api.pages<Remaining>(resource, scope, signal))
    found.push(...items.map((item) => ({ ...item, kind: resource.kind })));
  return found;
}
