import { conditionOf, validatorStatus } from '../../kubernetes/pod.ts';
import type { Pod } from '../../kubernetes/types.ts';

/** How a validator spent its time, in milliseconds. Kubernetes' times are whole seconds, so these are too. */
export interface Timings {
  /** From the Job's creation until its pod had a node: suspended, in a queue, or without room. */
  queuedMs?: number;
  /** From then until its container started: mostly the image pull. */
  pullingMs?: number;
  /** From then until its container ended. */
  runningMs?: number;
}

/**
 * The timings that can be read from a pod; those that cannot are left out.
 * @param jobCreated when the Job was created, in RFC 3339; if undefined, the pod's creation stands in for it.
 */
export function timingsOf(jobCreated: string | undefined, pod: Pod | undefined): Timings {
  const created = jobCreated ?? pod?.metadata.creationTimestamp;
  const scheduled = conditionOf(pod, 'PodScheduled')?.lastTransitionTime;
  const state = pod === undefined ? undefined : validatorStatus(pod)?.state;
  const started = parsedMs(state?.terminated?.startedAt ?? state?.running?.startedAt);
  return {
    ...span('queuedMs', parsedMs(created), parsedMs(scheduled)),
    ...span('pullingMs', parsedMs(scheduled), started),
    ...span('runningMs', started, parsedMs(state?.terminated?.finishedAt)),
  };
}

/**
 * NaN if the time is not known. That includes the time 0, in 1970, which containerd 1.6 gives to a container that it
 * could not start.
 */
function parsedMs(time: string | null | undefined): number {
  return Date.parse(String(time)) || Number.NaN;
}

function span<K extends keyof Timings>(name: K, from: number, to: number): Timings {
  const ms = to - from;
  return Number.isNaN(ms) ? {} : { [name]: Math.max(0, ms) };
}
