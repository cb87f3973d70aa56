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

export interface PodTermination {
  /** What is still there after the wait: kind and name, what holds it, and what to do. Empty if all is gone. */
  left: string[];
  /** The validator started after its result was read, before its pod was deleted. */
  started?: true;
}

/**
 * Waits until the deleted Job and its pods are gone, so that the RBAC cleanup does not take the ServiceAccount from a
 * pod that is still working, as AICR's `Deployer.WaitForPodTermination` does. After AICR's 60 seconds it returns what
 * is left; the deletion of the anchor waits for longer.
 */
export function waitForPodTermination({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, job }: JobInput, signal): Promise<PodTermination> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const view = await cluster.jobs(run.namespace).open(job.name, signal);
    const left = () => remainingObjects(view, run.namespace, job.uid);
    try {
      await withHeartbeat(
        () => ({ phase: 'Terminating', job: job.name, left: left().map(({ name }) => name), trouble: view.failure }),
        () => waitUntilNone(view, left, signal),
      );
    } finally {
      view.close();
    }
    const started = view.pods.some((pod) => isPodOf(pod, job.uid) && hasStarted(pod) && !wasNeverCreated(pod));
    return { left: await describe(cluster.api, left(), signal), ...(started && { started }) };
  });
}

async function waitUntilNone(view: JobView, left: () => unknown[], signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(K8S_POD_TERMINATION_WAIT_TIMEOUT_MS);
  while (left().length > 0) {
    try {
      await view.changed(AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (signal.aborted) throw error;
      return;
    }
  }
}

function remainingObjects(view: JobView, namespace: string, uid: string | undefined): ObjectRef[] {
  const pods = view.pods.filter((pod) => isPodOf(pod, uid) && !view.gonePods.has(pod.metadata.uid ?? ''));
  const job = view.job !== undefined && (uid === undefined || view.job.metadata.uid === uid) ? [view.job] : [];
  const ref = (resource: ObjectRef['resource'], { metadata }: Pod | Job) => {
    return { resource, namespace, name: metadata.name ?? '' };
  };
  return [...pods.map((pod) => ref(PODS, pod)), ...job.map((found) => ref(JOBS, found))];
}

/** Reads each object to describe what holds it: the watch does not keep finalizers. */
async function describe(api: ClusterApi, refs: ObjectRef[], signal: AbortSignal): Promise<string[]> {
  const texts: string[] = [];
  for (const ref of refs) {
    const found = await api.find<Remaining>(ref, signal);
    if (found !== undefined) texts.push(describeRemaining({ ...found, kind: ref.resource.kind }));
  }
  return texts;
}

function isPodOf(pod: Pod, jobUid: string | undefined): boolean {
  return jobUid === undefined || pod.metadata.labels?.[CONTROLLER_UID_LABEL] === jobUid;
}
