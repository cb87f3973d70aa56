import type { Cluster } from '../src/cluster/clusters.ts';
import { readLog } from '../src/cluster/pod-log.ts';
import { JOBS } from '../src/cluster/resources.ts';
import type { JobView } from '../src/cluster/watch/job-watch.ts';
import { terminatedState, VALIDATOR_CONTAINER_NAME } from '../src/kubernetes/pod.ts';
import type { RunSetup } from './run-setup.ts';
import type { Entry } from './validators.ts';
import { hasEnded, viewUntil } from './view-until.ts';

export interface ByHand {
  ms: number;
  /** From the Job's creation to the watch event with its end, which is the cluster's share. */
  waitMs: number;
}

/**
 * Runs one validator with Proctor's own client and without Temporal: applies the Job, watches it until it ends, reads
 * its log, deletes it and watches until it is gone.
 */
export async function byHand(cluster: Cluster, setup: RunSetup, entry: Entry, signal: AbortSignal): Promise<ByHand> {
  const { namespace } = setup.run;
  const from = performance.now();
  const applied = await cluster.api.apply(JOBS, setup.jobOf(entry), signal);
  const name = applied.metadata.name ?? '';
  const waitFrom = performance.now();
  const view = await cluster.jobs(namespace).open(name, signal);
  try {
    await viewUntil(view, hasEnded, signal);
    const waitMs = performance.now() - waitFrom;
    const pod = view.pods.find((candidate) => terminatedState(candidate) !== undefined);
    const ref = { namespace, pod: pod?.metadata.name ?? '', container: VALIDATOR_CONTAINER_NAME };
    await readLog(cluster.api, ref, () => undefined, signal);
    const { uid } = applied.metadata;
    await cluster.api.delete({ resource: JOBS, namespace, name }, { uid, propagation: 'Foreground', signal });
    await viewUntil(view, isGone, signal);
    return { ms: performance.now() - from, waitMs };
  } finally {
    view.close();
  }
}

function isGone({ job, pods, gonePods }: JobView): boolean {
  return job === undefined && pods.every(({ metadata }) => gonePods.has(metadata.uid ?? ''));
}
