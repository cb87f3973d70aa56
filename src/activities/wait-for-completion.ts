import { Context } from '@temporalio/activity';
import type { JobView } from '../cluster/watch/job-watch.ts';
import { unschedulableMessage, validatorStatus } from '../kubernetes/pod.ts';
import type { Ending } from '../run/ending/ending.ts';
import { DEFAULT_GRACES, type Graces } from '../run/ending/graces.ts';
import type { Queue, QueueChange } from '../run/ending/queue.ts';
import { resultPodOf } from '../run/ending/result-pod.ts';
import type { Symptom } from '../run/ending/symptom.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { JobWait } from './job-wait.ts';
import { Outage } from './outage.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface WaitForCompletionInput extends RunInput {
  job: NamedUid;
  /** The validator's own time, as a Go duration. */
  timeout: string;
  /** Graces that differ from the defaults. */
  graces?: Partial<Graces>;
  /** What the run was last told of the queue the pod waits in. The wait returns when that has changed; undefined: it does not. */
  queue?: Queue;
}

/** What a person sees of a pending wait in the Web UI; also what the next try of it starts from. */
export interface WaitDetails {
  phase: string;
  cluster: string;
  job: string;
  uid: string;
  pod?: string;
  node?: string;
  state?: string;
  why?: string;
  since?: string;
  /** The trouble whose grace is running, and since when, in milliseconds. */
  symptom?: Symptom & { sinceMs: number };
  /** What is wrong with the worker's watch. */
  trouble?: string;
  /** Since when the cluster has been out of reach, in milliseconds. */
  unreachableSinceMs?: number;
  /** When that was told. */
  unreachableToldMs?: number;
}

/**
 * Waits until the Job is Complete or Failed (the seed's `WaitForCompletion`): both are an answer, never an error, and so are the end of the
 * orchestrator's wait, a Job that was deleted, and a trouble that has outlasted its grace. Waits on the worker's shared watch, so it costs
 * no request but for what a silent pod's node and a missing pod's events say. Heartbeats what it sees. An error is trouble with the cluster
 * only; whether the validator passed is for `extractResult` to say.
 */
export function waitForCompletion({ clusters }: ActivityDeps) {
  return defineActivity(async (input: WaitForCompletionInput, signal): Promise<Ending | QueueChange> => {
    const { run, job, timeout, queue } = input;
    const graces = { ...DEFAULT_GRACES, ...input.graces };
    const before = Context.current().info.heartbeatDetails as WaitDetails | undefined;
    const outage = new Outage(graces.clusterUnreachable, earlierOutage(before));
    const connecting = { phase: 'Connecting', cluster: run.cluster.name, job: job.name, uid: job.uid };
    let seen = (): WaitDetails => connecting;
    const details = () => {
      const { sinceMs: unreachableSinceMs } = outage;
      return unreachableSinceMs === undefined
        ? seen()
        : { ...seen(), unreachableSinceMs, unreachableToldMs: Date.now() };
    };
    const wait = async () => {
      const cluster = await clusters.pinned(run.cluster, signal);
      const view = await cluster.jobs(run.namespace).open(job.name, signal);
      try {
        const earlier = earlierSymptom(before);
        const options = { cluster, namespace: run.namespace, job, timeout, graces, queue, earlier, outage };
        const jobWait = new JobWait(view, options, signal);
        seen = () => describe(view, jobWait, cluster.name, job);
        return await jobWait.end(() => Context.current().heartbeat(details()));
      } finally {
        view.close();
      }
    };
    return withHeartbeat(details, () => outage.during(wait));
  });
}

/** What an earlier try of this wait had seen, so that a worker that dies does not begin a grace anew. */
function earlierSymptom(before: WaitDetails | undefined): { symptom: Symptom; sinceMs: number } | undefined {
  if (before?.symptom === undefined) return undefined;
  const { sinceMs, ...symptom } = before.symptom;
  return { symptom, sinceMs };
}

function earlierOutage(before: WaitDetails | undefined): { sinceMs: number; toldMs?: number | undefined } | undefined {
  const { unreachableSinceMs: sinceMs, unreachableToldMs: toldMs } = before ?? {};
  return sinceMs === undefined ? undefined : { sinceMs, toldMs };
}

function describe(view: JobView, wait: JobWait, cluster: string, { name, uid }: NamedUid): WaitDetails {
  const pod = resultPodOf(view.pods);
  const container = pod === undefined ? undefined : validatorStatus(pod)?.state;
  const seen = {
    pod: pod?.metadata.name,
    node: pod?.spec?.nodeName,
    state: container?.waiting?.reason ?? Object.keys(container ?? {})[0],
    why: container?.waiting?.message ?? unschedulableMessage(pod),
    since: container?.running?.startedAt ?? pod?.metadata.creationTimestamp ?? view.job?.metadata.creationTimestamp,
    symptom: wait.symptom && { ...wait.symptom.symptom, sinceMs: wait.symptom.sinceMs },
    trouble: view.trouble,
  };
  const known = Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined));
  return { phase: pod?.status?.phase ?? 'Waiting for a pod', cluster, job: name, uid, ...known };
}
