import { conditionOf, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';

/** Where a validator's time went, in milliseconds; whole seconds, since Kubernetes keeps no finer ones. */
export interface Timings {
  /** From the Job's creation until its pod had a node: suspended, in a queue, or without room. */
  queuedMs?: number;
  /** From there until its container had started: mostly its image. */
  pullingMs?: number;
  /** From there until it ended. */
  runningMs?: number;
}

/** @param jobCreated when the Job was made; where that is not known, its pod's creation has to do. */
export function timingsOf(jobCreated: string | undefined, pod: Pod | undefined): Timings {
  const created = jobCreated ?? pod?.metadata.creationTimestamp;
  const scheduled = conditionOf(pod, 'PodScheduled')?.lastTransitionTime;
  const state = pod === undefined ? undefined : validatorStatus(pod)?.state;
  const started = msOf(state?.terminated?.startedAt ?? state?.running?.startedAt);
  return {
    ...span('queuedMs', msOf(created), msOf(scheduled)),
    ...span('pullingMs', msOf(scheduled), started),
    ...span('runningMs', started, msOf(state?.terminated?.finishedAt)),
  };
}

/** NaN for what is not known. A container that could not be started has the time zero of Unix for its start (containerd 1.6). */
function msOf(time: string | null | undefined): number {
  return Date.parse(String(time)) || Number.NaN;
}

function span<K extends keyof Timings>(name: K, from: number, to: number): Timings {
  const ms = to - from;
  return Number.isNaN(ms) ? {} : { [name]: Math.max(0, ms) };
}
