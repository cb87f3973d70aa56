import { Context } from '@temporalio/activity';
import type { JobView } from '../cluster/watch/job-watch.ts';
import { unschedulableMessage, validatorStatus } from '../kubernetes/pod.ts';
import type { Ending } from '../run/ending/ending.ts';
import { DEFAULT_GRACES, type Graces } from '../run/ending/graces.ts';
import type { Queue, QueueChange } from '../run/ending/queue.ts';
import { resultPodOf } from '../run/ending/result-pod.ts';
import type { Symptom } from '../run/ending/symptom.ts';
import type { LastingSymptom } from '../run/ending/wait-decision.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { JobWait } from './job-wait.ts';
import { Outage, type ReportedOutage } from './outage.ts';
import { withHeartbeat } from './with-heartbeat.ts';

export interface WaitForCompletionInput extends RunInput {
  job: NamedUid;
  /** The validator's own time, as a Go duration. */
  timeout: string;
  /** Graces that differ from the defaults. */
  graces?: Partial<Graces>;
  /** The queue that was last reported to the run. A change of queue ends the wait, unless this is absent. */
  queue?: Queue;
}

/**
 * The heartbeat's details: what a person sees of a pending wait in the Web UI, and what the next attempt starts from.
 */
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
  /** The symptom whose grace is running, and since when, in milliseconds since the epoch. */
  symptom?: Symptom & { sinceMs: number };
  /** Why the worker's watch fails. */
  trouble?: string;
  /** Since when the cluster has been unreachable, in milliseconds since the epoch. */
  unreachableSinceMs?: number;
  /** When this was reported, in milliseconds since the epoch. */
  unreachableToldMs?: number;
}

/**
 * Waits until the Job is Complete or Failed, as AICR's `Deployer.WaitForCompletion` does. Returns how the wait ended,
 * and throws only if the cluster fails: a timeout, a deleted Job and a symptom that outlasted its grace are results
 * too. `extractResult` finds out whether the validator passed.
 *
 * Waits on the worker's shared watch, so it costs no requests, except for the node of a silent pod and the events of a
 * pod that does not start. Heartbeats what it sees.
 * Keeps G8 by its heartbeat.
 */
export function waitForCompletion({ clusters }: ActivityDeps) {
  return defineActivity(async (input: WaitForCompletionInput, signal): Promise<Ending | QueueChange> => {
    const { run, job, timeout, queue } = input;
    const graces = { ...DEFAULT_GRACES, ...input.graces };
    const before = Context.current().info.heartbeatDetails as WaitDetails | undefined;
    const outage = new Outage(graces.clusterUnreachable, earlierOutage(before));
    const connecting = { phase: 'Connecting', cluster: run.cluster.name, job: job.name, uid: job.uid };
    let seen = (): WaitDetails => connecting;
    const details = () => ({ ...seen(), ...describeOutage(outage) });
    const wait = async () => {
      const cluster = await clusters.pinned(run.cluster, signal);
      const view = await cluster.jobs(run.namespace).open(job.name, signal);
      try {
        const earlier = earlierSymptom(before);
        const options = { cluster, namespace: run.namespace, job, timeout, graces, queue, earlier, outage };
        const jobWait = new JobWait(view, options, signal);
        seen = () => describe(view, jobWait.symptom, cluster.name, job);
        return await jobWait.end(() => Context.current().heartbeat(details()));
      } finally {
        view.close();
      }
    };
    return withHeartbeat(details, () => outage.track(wait));
  });
}

function earlierSymptom(before: WaitDetails | undefined): LastingSymptom | undefined {
  if (before?.symptom === undefined) return undefined;
  const { sinceMs, ...symptom } = before.symptom;
  return { symptom, sinceMs };
}

function earlierOutage(before: WaitDetails | undefined): ReportedOutage | undefined {
  const { unreachableSinceMs: sinceMs, unreachableToldMs: reportedMs } = before ?? {};
  return sinceMs === undefined ? undefined : { sinceMs, reportedMs };
}

function describeOutage({ sinceMs }: Outage): Partial<WaitDetails> {
  return sinceMs === undefined ? {} : { unreachableSinceMs: sinceMs, unreachableToldMs: Date.now() };
}

function describe(
  view: JobView,
  symptom: LastingSymptom | undefined,
  cluster: string,
  { name, uid }: NamedUid,
): WaitDetails {
  const pod = resultPodOf(view.pods);
  const container = pod === undefined ? undefined : validatorStatus(pod)?.state;
  const seen = {
    pod: pod?.metadata.name,
    node: pod?.spec?.nodeName,
    state: container?.waiting?.reason ?? Object.keys(container ?? {})[0],
    why: container?.waiting?.message ?? unschedulableMessage(pod),
    since: container?.running?.startedAt ?? pod?.metadata.creationTimestamp ?? view.job?.metadata.creationTimestamp,
    symptom: symptom && { ...symptom.symptom, sinceMs: symptom.sinceMs },
    trouble: view.failure,
  };
  const known = Object.fromEntries(Object.entries(seen).filter(([, value]) => value !== undefined));
  return { phase: pod?.status?.phase ?? 'Waiting for a pod', cluster, job: name, uid, ...known };
}
