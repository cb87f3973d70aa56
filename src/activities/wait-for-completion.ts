import { Context } from '@temporalio/activity';
import type { Cluster } from '../cluster/clusters.ts';
import type { JobView } from '../cluster/job-watch.ts';
import { JOBS } from '../cluster/resources.ts';
import { effectiveTimeoutNs, orchestratorWaitFor } from '../contract/clocks.ts';
import { type Ending, terminalCondition } from '../contract/ending.ts';
import type { Job, Pod } from '../contract/kubernetes.ts';
import { validatorStatus } from '../contract/result.ts';
import type { NamedUid } from '../contract/run.ts';
import { tellingPod, terminatedState, unscheduled } from '../contract/verdict.ts';
import { activity } from './activity.ts';
import { beating } from './beating.ts';
import type { ActivityDeps, RunInput } from './run-activity.ts';

export interface WaitForCompletionInput extends RunInput {
  job: NamedUid;
  /** The validator's own time, as a Go duration. */
  timeout: string;
}

/** The pod's last state follows the Job's within this; both come by watches of their own. */
const POD_LAG_MS = 3_000;

/**
 * Waits until the Job is Complete or Failed (the seed's `WaitForCompletion`): both are an answer, never an error, and so are the end of the
 * orchestrator's wait and a Job that was deleted. Waits on the worker's shared watch, so it costs no request. Heartbeats what it sees.
 */
export function waitForCompletion({ clusters }: ActivityDeps) {
  return activity(async ({ run, job, timeout }: WaitForCompletionInput, signal): Promise<Ending> => {
    const cluster = await clusters.pinned(run.cluster, signal);
    const view = await beating(
      () => ({ phase: 'Connecting', job: job.name, uid: job.uid }),
      () => cluster.jobs(run.namespace).open(job.name, signal),
    );
    try {
      return await beating(
        () => describe(view, cluster.name, job),
        () => awaitEnding(cluster, view, run.namespace, job, timeout, signal),
      );
    } finally {
      view.close();
    }
  });
}

async function awaitEnding(
  cluster: Cluster,
  view: JobView,
  namespace: string,
  { name, uid }: NamedUid,
  timeout: string,
  signal: AbortSignal,
): Promise<Ending> {
  const first = await firstSight(cluster, view, namespace, name, uid, signal);
  if (first === undefined) return ending('job-gone', view);
  const until = Date.now() + waitFor(first, timeout);
  for (;;) {
    const job = view.job;
    if (job !== undefined && job.metadata.uid !== uid) return ending('job-gone', view);
    if (job === undefined && view.seen) return ending('job-gone', view);
    const condition = job === undefined ? undefined : terminalCondition(job);
    if (condition !== undefined) {
      await podHasEnded(view, signal);
      return { ...ending('terminal', view), kind: 'terminal', condition };
    }
    const left = until - Date.now();
    if (left <= 0) return ending('timeout', view);
    await changedWithin(view, left, signal);
    Context.current().heartbeat(describe(view, cluster.name, { name, uid }));
  }
}

/** The Job as the watch has it; one that was made a moment ago may not have reached the watch yet, so its absence is asked for. */
async function firstSight(
  cluster: Cluster,
  view: JobView,
  namespace: string,
  name: string,
  uid: string,
  signal: AbortSignal,
) {
  if (view.job !== undefined) return view.job;
  const found = await cluster.api.find<Job>({ resource: JOBS, namespace, name }, signal);
  return found?.metadata.uid === uid ? found : undefined;
}

function waitFor(job: Job, timeout: string): number {
  const start = job.status?.startTime ?? job.metadata.creationTimestamp;
  return orchestratorWaitFor({
    observedStartMs: start === undefined ? null : Date.parse(start),
    nowMs: Date.now(),
    timeoutNs: effectiveTimeoutNs(timeout),
  });
}

async function podHasEnded(view: JobView, signal: AbortSignal): Promise<void> {
  const until = Date.now() + POD_LAG_MS;
  const pending = () =>
    view.pods.some((pod) => terminatedState(pod) === undefined && !view.gonePods.has(pod.metadata.uid ?? ''));
  while (pending() && Date.now() < until) await changedWithin(view, until - Date.now(), signal);
}

/** Resolves at the next change, or when the time is over; rejects when the activity is cancelled. */
async function changedWithin(view: JobView, ms: number, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.timeout(Math.min(ms, 2 ** 31 - 1));
  try {
    await view.changed(AbortSignal.any([signal, over]));
  } catch (error) {
    if (!over.aborted || signal.aborted) throw error;
  }
}

function ending<K extends Ending['kind']>(kind: K, view: JobView): { kind: K; pod?: Pod } {
  const pod = tellingPod(view.pods);
  return pod === undefined ? { kind } : { kind, pod };
}

/** What a person sees in the Web UI's pending activity. */
function describe(view: JobView, cluster: string, { name, uid }: NamedUid) {
  const pod = tellingPod(view.pods);
  const container = pod === undefined ? undefined : validatorStatus(pod)?.state;
  return {
    phase: pod?.status?.phase ?? 'Waiting for a pod',
    cluster,
    job: name,
    uid,
    pod: pod?.metadata.name,
    node: pod?.spec?.nodeName,
    state: container?.waiting?.reason ?? Object.keys(container ?? {})[0],
    why: container?.waiting?.message ?? unscheduled(pod),
    since: container?.running?.startedAt ?? pod?.metadata.creationTimestamp ?? view.job?.metadata.creationTimestamp,
    trouble: view.trouble,
  };
}
