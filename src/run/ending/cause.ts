/**
 * Why a validator ended as it did: a closed list, beside the contract's own messages. `docs/causes.md` has the same list for people.
 *
 * It ran and ended by itself, or ran out of its own time:
 * - `completed`: its container ended by itself; the exit code is its verdict.
 * - `deadline`: it was still at work when its time was up. Give it more time, or look for what it waits for.
 * - `oom`: the kernel killed it for its memory. Raise `resources.memory`, or make it leaner.
 * - `start-error`: the container runtime could not start its command (128). Check `args` and the image's entrypoint.
 *
 * It never started:
 * - `image-pull`: its image could not be pulled. Check name, tag and pull secrets; where the registry was slow or limits, wait.
 * - `unschedulable`: no node takes its pod, and no sibling's end would change that. Check its resources and the nodes.
 * - `config-error`: a ConfigMap, Secret or key that it needs is missing, or its container cannot be made. The evidence names it.
 * - `create-refused`: the API server refused the pod: a quota, an admission webhook, a policy, a limit range.
 * - `admission-refused`: the node's kubelet refused the pod (out of a resource since it was placed, node affinity, …).
 * - `init-failed`: an init container failed, which somebody else put into the pod: the contract has none.
 * - `queued`: it waited for room that its own run's siblings held, or in a queue (suspended Job), until its time was up.
 * - `never-started`: none of the above could be seen.
 *
 * The infrastructure ended it:
 * - `evicted`: by the eviction API, or by its node's kubelet under pressure.
 * - `preempted`: by the scheduler, for a pod of higher priority.
 * - `node-lost`: its node is not Ready, or is gone.
 * - `pod-deleted`: its pod was deleted before it had started, or vanished.
 * - `job-deleted`: somebody deleted its Job. Proctor does not, before it has the result.
 * - `interrupted`: it ended after its deletion had been asked for, so its exit code, 0 included, says nothing.
 * - `status-unknown`: the kubelet or its runtime lost track of its container (ContainerStatusUnknown, or a node that was rebooted).
 * - `cluster-unreachable`: the cluster could not be asked for longer than its grace.
 *
 * Proctor or its user ended it:
 * - `contract-broken`: its pod has no container named `validator`.
 * - `deploy-failed`: its Job could not be created; the message says what the API server refused.
 * - `cancelled`: the run was cancelled before it ended.
 * - `skipped`: it did not run, because the request or an earlier phase said so.
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

/** A cause, and what Kubernetes itself says of it. */
export interface Finding {
  cause: Cause;
  evidence?: string;
}

export function finding(cause: Cause, evidence?: string): Finding {
  return evidence === undefined || evidence === '' ? { cause } : { cause, evidence };
}
