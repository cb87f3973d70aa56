/**
 * Why a validator ended as it did. The list is closed. `docs/causes.md` has the same list for people, and a test
 * compares the two.
 *
 * The validator ran and ended by itself, or used up its own time:
 * - `completed`: its container ended by itself; the exit code is its verdict.
 * - `deadline`: it still ran at its timeout. Give it more time, or find out what it waits for.
 * - `oom`: the kernel killed it because of its memory limit. Raise `resources.memory`, or reduce what it uses.
 * - `start-error`: the container runtime could not start its command (exit code 128). Check `args` and the image's
 *   entrypoint.
 *
 * It never started:
 * - `image-pull`: its image could not be pulled. Check name, tag and pull secrets; if the registry is slow or limits
 *   requests, wait.
 * - `unschedulable`: its pod fits no node, even if its run's other validators end. Check its resources and the nodes.
 * - `config-error`: a ConfigMap, Secret or key is missing, or its container cannot be created. The evidence names it.
 * - `create-refused`: the API server refused the pod, because of a quota, an admission webhook, a policy or a limit
 *   range.
 * - `admission-refused`: the node's kubelet refused the pod: a resource ran out after scheduling, node affinity, …
 * - `init-failed`: an init container failed. The contract has none, so something else added it, such as a webhook.
 * - `queued`: until its deadline it waited for room that its run's other validators held, or in a queue (suspended Job,
 *   gated pod).
 * - `never-started`: it did not start, and none of the reasons above was seen.
 *
 * The infrastructure ended it:
 * - `evicted`: the eviction API evicted it, or its kubelet did under node pressure.
 * - `preempted`: the scheduler removed it for a pod of higher priority.
 * - `node-lost`: its node is not Ready, or is gone.
 * - `pod-deleted`: its pod was deleted before it had started, or vanished.
 * - `job-deleted`: somebody deleted its Job. Proctor itself deletes it only after it has the result.
 * - `interrupted`: it ended after its deletion was requested, so its exit code, 0 included, is not a verdict.
 * - `status-unknown`: the kubelet or the runtime lost its container (ContainerStatusUnknown, or a node that rebooted).
 * - `cluster-unreachable`: the cluster was unreachable for longer than its grace.
 *
 * Proctor or its user ended it:
 * - `contract-broken`: its pod has no container named `validator`.
 * - `deploy-failed`: its Job could not be created; the message has the API server's refusal.
 * - `cancelled`: the run, or the validator alone, was cancelled before it ended.
 * - `skipped`: it did not run, because the request skips it or an earlier phase failed.
 */
export const CAUSES = [
  'completed',
  'deadline',
  'oom',
  'start-error',
  'image-pull',
  'unschedulable',
  'config-error',
  'create-refused',
  'admission-refused',
  'init-failed',
  'queued',
  'never-started',
  'evicted',
  'preempted',
  'node-lost',
  'pod-deleted',
  'job-deleted',
  'interrupted',
  'status-unknown',
  'cluster-unreachable',
  'contract-broken',
  'deploy-failed',
  'cancelled',
  'skipped',
] as const;

export type Cause = (typeof CAUSES)[number];

/** A cause, and what Kubernetes says about it. */
export interface Finding {
  cause: Cause;
  evidence?: string;
}

export function finding(cause: Cause, evidence?: string): Finding {
  return evidence === undefined || evidence === '' ? { cause } : { cause, evidence };
}
