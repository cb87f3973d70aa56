import { K8S_POD_TERMINATION_WAIT_TIMEOUT_MS } from '../aicr/constants.ts';
import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { JOBS, PODS } from '../cluster/resources.ts';
import type { JobView } from '../cluster/watch/job-watch.ts';
import { CONTROLLER_UID_LABEL } from '../kubernetes/job.ts';
import { hasStarted, wasNeverCreated } from '../kubernetes/pod.ts';
import type { Job, Pod } from '../kubernetes/types.ts';
import { describeRemaining, type Remaining } from '../run/cleanup/remains.ts';
import type { ActivityDeps } from './activity-deps.ts';
import type { JobInput } from './cleanup-job.ts';
import { defineActivity } from './define-activity.ts';
import { withHeartbeat } from './with-heartbeat.ts';

/** What is still there when the wait is over: kind and name, what holds it, and what to do; empty when all is gone. */
export interface PodTermination {
  left: string[];
  /** A validator had started by the time it went: between the look that told that it had not, and its deletion. */
  started?: true;
}

/**
 * Waits until the deleted Job and its pods are gone, at most 60 seconds, so that the ServiceAccount is not taken from a pod still at work
 * (the seed's `WaitForPodTermination`). Nothing left means that they are gone; past the 60 seconds it gives up and names what is left, which
 * the RBAC cleanup may then race with. The anchor's deletion waits on.
 */
export function waitForPodTermination({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, job }: JobInput, signal): Promise<PodTermination> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const view = await cluster.jobs(run.namespace).open(job.name, signal);
    const left = () => remains(view, run.namespace, job.uid);
    try {
      await withHeartbeat(
        () => ({ phase: 'Terminating', job: job.name, left: left().map(({ name }) => name), trouble: view.trouble }),
        () => untilNone(view, left, signal),
      );
    } finally {
      view.close();
    }
    const started = view.pods.some((pod) => isOf(pod, job.uid) && hasStarted(pod) && !wasNeverCreated(pod));
    return { left: await described(cluster.api, left(), signal), ...(started && { started }) };
  });
}

async function untilNone(view: JobView, left: () => unknown[], signal: AbortSignal): Promise<void> {
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

function remains(view: JobView, namespace: string, uid: string | undefined): ObjectRef[] {
  const pods = view.pods.filter((pod) => isOf(pod, uid) && !view.gonePods.has(pod.metadata.uid ?? ''));
  const job = view.job !== undefined && (uid === undefined || view.job.metadata.uid === uid) ? [view.job] : [];
  const ref = (resource: ObjectRef['resource'], { metadata }: Pod | Job) => {
    return { resource, namespace, name: metadata.name ?? '' };
  };
  return [...pods.map((pod) => ref(PODS, pod)), ...job.map((found) => ref(JOBS, found))];
}

/** In words, with what holds each: the watch keeps less of an object than that. */
async function described(api: ClusterApi, refs: ObjectRef[], signal: AbortSignal): Promise<string[]> {
  const texts: string[] = [];
  for (const ref of refs) {
    const found = await api.find<Remaining>(ref, signal);
    if (found !== undefined) texts.push(describeRemaining({ ...found, kind: ref.resource.kind }));
  }
  return texts;
}

function isOf(pod: Pod, jobUid: string | undefined): boolean {
  return jobUid === undefined || pod.metadata.labels?.[CONTROLLER_UID_LABEL] === jobUid;
}
