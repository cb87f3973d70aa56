/**
 * Why a validator ended as it did: a closed list, beside the contract's own messages.
 *
 * - `completed`: its container ended by itself; the exit code is its verdict.
 * - `deadline`: it was still at work when its time was up. Give it more time, or look for what it waits for.
 * - `never-started`: its container had not started when its time was up.
 * - `image-pull`: its image could not be pulled. Check the name, the tag, and the pull secrets.
 * - `oom`: the kernel killed it for its memory. Raise `resources.memory`, or make it leaner.
 * - `start-error`: the container runtime could not start its command. Check `args` and the image's entrypoint.
 * - `interrupted`: it ended after its deletion had been asked for, so its exit code says nothing.
 * - `job-deleted`: somebody deleted its Job. Proctor does not, before it has the result.
 * - `pod-deleted`: its pod went away before it ended.
 * - `contract-broken`: its pod has no container named `validator`.
 * - `deploy-failed`: its Job could not be created; the message says what the API server refused.
 * - `cancelled`: the run was cancelled before it ended.
 * - `skipped`: it did not run, because the request or an earlier phase said so.
 */
export const CAUSES = [
  'completed',
  'deadline',
  'never-started',
  'image-pull',
  'oom',
  'start-error',
  'interrupted',
  'job-deleted',
  'pod-deleted',
  'contract-broken',
  'deploy-failed',
  'cancelled',
  'skipped',
] as const;

export type Cause = (typeof CAUSES)[number];
