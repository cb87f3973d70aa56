import type { JobView } from '../cluster/job-watch.ts';
import { CONTROLLER_UID_LABEL, K8S_POD_TERMINATION_WAIT_TIMEOUT_MS } from '../contract/constants.ts';
import type { Pod } from '../contract/kubernetes.ts';
import { activity } from './activity.ts';
import { beating } from './beating.ts';
import type { JobInput } from './cleanup-job.ts';
import type { ActivityDeps } from './run-activity.ts';

/** What is still there when the wait is over, as `kind/name`; empty when all is gone. */
export interface PodTermination {
  left: string[];
}

/**
 * Waits until the deleted Job and its pods are gone, at most 60 seconds, so that the ServiceAccount is not taken from a pod still at work
 * (the seed's `WaitForPodTermination`). Nothing left means that they are gone; past the 60 seconds it gives up and names what is left, which
 * the RBAC cleanup may then race with. The anchor's deletion waits on.
 */
export function waitForPodTermination({ clusters }: ActivityDeps) {
  return activity(async ({ run, job }: JobInput, signal): Promise<PodTermination> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const view = await cluster.jobs(run.namespace).open(job.name, signal);
    const left = () => remains(view, job.uid);
    try {
      await beating(
        () => ({ phase: 'Terminating', job: job.name, left: left(), trouble: view.trouble }),
        () => untilNone(view, left, signal),
      );
    } finally {
      view.close();
    }
    return { left: left() };
  });
}

async function untilNone(view: JobView, left: () => string[], signal: AbortSignal): Promise<void> {
  const over = AbortSignal.timeout(K8S_POD_TERMINATION_WAIT_TIMEOUT_MS);
  while (left().length > 0) {
    try {
      await view.changed(AbortSignal.any([signal, over]));
    } catch (error) {
      if (signal.aborted) throw error;
      return;
    }
  }
}

function remains(view: JobView, uid: string | undefined): string[] {
  const job =
    view.job !== undefined && (uid === undefined || view.job.metadata.uid === uid)
      ? [`Job/${view.job.metadata.name}`]
      : [];
  const pods = view.pods.filter((pod) => isOf(pod, uid) && !view.gonePods.has(pod.metadata.uid ?? ''));
  return [...job, ...pods.map((pod) => `Pod/${pod.metadata.name}`)];
}

function isOf(pod: Pod, jobUid: string | undefined): boolean {
  return jobUid === undefined || pod.metadata.labels?.[CONTROLLER_UID_LABEL] === jobUid;
}
