import type { Job, Pod } from './kubernetes.ts';
import { validatorStatus } from './result.ts';

/** Where a validator's time went, in milliseconds; whole seconds, since Kubernetes keeps no finer ones. */
export interface Timings {
  /** From the Job's creation until its pod had a node: suspended, in a queue, or without room. */
  queuedMs?: number;
  /** From there until its container had started: mostly its image. */
  pullingMs?: number;
  /** From there until it ended. */
  runningMs?: number;
}

export function timingsOf(job: Job | undefined, pod: Pod | undefined): Timings {
  const created = job?.metadata.creationTimestamp ?? pod?.metadata.creationTimestamp;
  const scheduled = pod?.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'True',
  )?.lastTransitionTime;
  const state = pod === undefined ? undefined : validatorStatus(pod)?.state;
  const started = state?.terminated?.startedAt ?? state?.running?.startedAt;
  return {
    ...span('queuedMs', created, scheduled),
    ...span('pullingMs', scheduled, started),
    ...span('runningMs', started, state?.terminated?.finishedAt),
  };
}

function span<K extends keyof Timings>(name: K, from: string | undefined, to: string | undefined): Timings {
  if (from === undefined || to === undefined) return {};
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? {} : { [name]: Math.max(0, ms) };
}
