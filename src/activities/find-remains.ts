import { sleep } from '../cluster/abortable.ts';
import { isKind } from '../cluster/cluster-error.ts';
import type { Cluster } from '../cluster/clusters.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CONFIG_MAPS,
  JOBS,
  PODS,
  resourceName,
  SERVICE_ACCOUNTS,
} from '../cluster/resources.ts';
import { type MarkedKind, type MarkedObject, markedObject } from '../run/cleanup/marked-object.ts';
import { isKeptObject } from '../run/cleanup/orphans.ts';
import { blockersFirst, describeRemaining, type Remaining } from '../run/cleanup/remains.ts';
import { runSelector } from '../run/marks.ts';
import type { RunScope } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface FindRemainsInput extends RunInput {
  /** How long what is on its way may take to be gone, in milliseconds. */
  waitMs: number;
}

export interface Remains {
  /** What is still there: kind and name, what holds it, and what to do; at most {@link MAX_LISTED}. */
  left: string[];
}

const MAX_LISTED = 50;
const POLL_MS = { first: 500, most: 10_000 };

/** Every kind that a run makes, what owns others last. */
const RESOURCES = [PODS, JOBS, CLUSTER_ROLE_BINDINGS, SERVICE_ACCOUNTS, CONFIG_MAPS];

/**
 * Looks whether all that the run made is gone but what was kept, whoever deleted it: by Proctor's marks, so that it sees also what the run
 * itself has lost sight of. Waits for what is on its way; what is still there then is named, with what holds it.
 */
export function findRemains({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, waitMs }: FindRemainsInput, signal): Promise<Remains> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const untilMs = Date.now() + waitMs;
    let left: string[] = [];
    const look = async () => {
      for (let pollMs = POLL_MS.first; ; pollMs = Math.min(pollMs * 2, POLL_MS.most)) {
        left = await listRemains(cluster, run, signal);
        const restMs = untilMs - Date.now();
        if (left.length === 0 || restMs <= 0) return;
        await sleep(Math.min(pollMs, restMs), signal);
      }
    };
    await withHeartbeat(() => ({ phase: 'Waiting until all is gone', left }), look);
    return { left };
  });
}

async function listRemains(cluster: Cluster, run: RunScope, signal: AbortSignal): Promise<string[]> {
  const found: Remaining[] = [];
  const unseen: string[] = [];
  for (const resource of RESOURCES) {
    const namespace = resource.namespaced ? run.namespace : undefined;
    const labelSelector = runSelector(run.marks);
    let next: string | undefined;
    try {
      do {
        const page = await cluster.api.list<Remaining>(resource, { namespace, labelSelector, continue: next }, signal);
        found.push(...page.items.map((item) => ({ ...item, kind: resource.kind })));
        next = page.next;
      } while (next !== undefined);
    } catch (error) {
      if (!isKind(error, 'forbidden')) throw error;
      unseen.push(`${resourceName(resource)} could not be looked for: ${error.message}`);
    }
  }
  const left = withoutKept(found).sort(blockersFirst).map(describeRemaining);
  const more = left.length - MAX_LISTED;
  return [...unseen, ...left.slice(0, MAX_LISTED), ...(more > 0 ? [`… ${more} more`] : [])];
}

/** A pod isKeptObject with the Job that owns it. */
function withoutKept(found: Remaining[]): Remaining[] {
  const nowMs = Date.now();
  const marked = found
    .filter(({ kind }) => kind !== 'Pod')
    .map((object) => markedObject(object.kind as MarkedKind, object));
  const kept = new Set(
    marked.filter((object) => isKeptObject(object, marked, nowMs)).map(({ uid }: MarkedObject) => uid),
  );
  const isKept = ({ kind, metadata }: Remaining) =>
    kind === 'Pod'
      ? metadata.deletionTimestamp === undefined && metadata.ownerReferences?.some(({ uid }) => kept.has(uid)) === true
      : kept.has(metadata.uid ?? '');
  return found.filter((object) => !isKept(object));
}
