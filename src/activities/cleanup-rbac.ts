import { clusterRoleBindingName, serviceAccountName } from '../aicr/job/names.ts';
import type { ObjectRef } from '../cluster/api.ts';
import { CLUSTER_ROLE_BINDINGS, SERVICE_ACCOUNTS } from '../cluster/resources.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { deleteOwnObjects } from './delete-own-objects.ts';

/**
 * Removes the run's ClusterRoleBinding and ServiceAccount (the seed's `CleanupRBAC`), once, at the end of a run: the binding first, so that
 * the privilege is revoked whatever happens next; both are tried, whatever the other's delete answers; what is gone already is fine, so it
 * may be called again.
 * @throws when both deletes fail an AggregateError, of which a workflow sees a failure of type `several` with one of its details for each.
 */
export function cleanupRBAC({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<void> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const refs: ObjectRef[] = [
      { resource: CLUSTER_ROLE_BINDINGS, name: clusterRoleBindingName(run.runId) },
      { resource: SERVICE_ACCOUNTS, namespace: run.namespace, name: serviceAccountName(run.runId) },
    ];
    await deleteOwnObjects(api, refs, run.marks, signal);
  });
}
