import { namespaceLabels } from '../aicr/job/labels.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { NAMESPACES } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { enforcePolicy } from './enforce-policy.ts';

/**
 * Makes sure that the run's namespace is there (server-side apply, the contract's labels). It is shared by all runs and stays.
 * A namespace that is being deleted is waited for: nothing can be made in it, and it will be gone soon.
 */
export function ensureNamespace({ clusters, policy }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<void> => {
    enforcePolicy(policy, [{ of: 'namespace', value: run.namespace, path: 'run.namespace' }]);
    const { api } = await clusters.pinned(run.cluster, signal);
    const namespace: KubernetesObject = { metadata: { name: run.namespace, labels: namespaceLabels() } };
    const made = await api.apply(NAMESPACES, namespace, signal);
    if (made.metadata.deletionTimestamp === undefined) return;
    const call = { verb: 'use', resource: 'namespaces', name: run.namespace };
    throw new ClusterError('conflict', run.cluster.name, call, 'it is being deleted; waiting until it is gone');
  });
}
