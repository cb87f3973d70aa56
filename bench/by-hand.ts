import type { Cluster } from '../src/cluster/clusters.ts';
import { readLog } from '../src/cluster/pod-log.ts';
import { JOBS } from '../src/cluster/resources.ts';
import type { JobView } from '../src/cluster/watch/job-watch.ts';
import { terminalCondition } from '../src/kubernetes/job.ts';
import { terminatedState, VALIDATOR_CONTAINER_NAME } from '../src/kubernetes/pod.ts';
import type { RunSetup } from './run-setup.ts';
import type { Entry } from './validators.ts';

export interface ByHand {
  ms: number;
  /** From the Job's creation to the news of its end: the cluster's own part. */
  waitMs: number;
}

/** One validator with Proctor's own client and no Temporal: apply the Job, watch it to its end, read its log, delete it, see it gone. */
export async function byHand(cluster: Cluster, setup: RunSetup, entry: Entry, signal: AbortSignal): Promise<ByHand> {
  const { namespace } = setup.run;
  const from = performance.now();
  const made = await cluster.api.apply(JOBS, setup.jobOf(entry), signal);
  const name = made.metadata.name ?? '';
  const applied = performance.now();
  const view = await cluster.jobs(namespace).open(name, signal);
  try {
    await until(view, () => view.job !== undefined && terminalCondition(view.job) !== undefined, signal);
    const waitMs = performance.now() - applied;
    const pod = view.pods.find((candidate) => terminatedState(candidate) !== undefined);
    const ref = { namespace, pod: pod?.metadata.name ?? '', container: VALIDATOR_CONTAINER_NAME };
    await readLog(cluster.api, ref, () => undefined, signal);
    const { uid } = made.metadata;
    await cluster.api.delete({ resource: JOBS, namespace, name }, { uid, propagation: 'Foreground', signal });
    const gone = () =>
      view.job === undefined && view.pods.every(({ metadata }) => view.gonePods.has(metadata.uid ?? ''));
    await until(view, gone, signal);
    return { ms: performance.now() - from, waitMs };
  } finally {
    view.close();
  }
}

async function until(view: JobView, holds: () => boolean, signal: AbortSignal): Promise<void> {
  while (!holds()) await view.changed(signal);
}
