import { namespaceLabels } from '../aicr/job/labels.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { NAMESPACES } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { enforcePolicy } from './enforce-policy.ts';

/**
 * Creates the run's namespace, or updates its labels to AICR's, by server-side apply. All runs share it, and it stays.
 * If the namespace is being deleted, this fails retryably: nothing can be created in it until it is gone.
 */
export function ensureNamespace({ clusters, policy }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<void> => {
    enforcePolicy(policy, [{ of: 'namespace', value: run.namespace, path: 'run.namespace' }]);
    const { api } = await clusters.pinned(run.cluster, signal);
    const namespace: KubernetesObject = { metadata: { name: run.namespace, labels: namespaceLabels() } };
    const applied = await api.apply(NAMESPACES, namespace, signal);
    if (applied.metadata.deletionTimestamp === undefined) return;
    const call = { verb: 'use', resource: 'namespaces', name: run.namespace };
    throw new ClusterError('conflict', run.cluster.name, call, 'it is being deleted; waiting until it is gone');
  });
}
