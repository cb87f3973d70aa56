import { clusterRoleBindingName, serviceAccountName } from '../aicr/job/names.ts';
import type { ObjectRef } from '../cluster/api.ts';
import { CLUSTER_ROLE_BINDINGS, SERVICE_ACCOUNTS } from '../cluster/resources.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { deleteOwnObjects } from './delete-own-objects.ts';

/**
 * Deletes the run's ClusterRoleBinding and ServiceAccount at the end of a run, as AICR's `CleanupRBAC` does
 * (`job/rbac.go`). The binding goes first, so that the privilege is revoked whatever happens next. If one delete fails,
 * the other is still tried. Idempotent.
 * @throws AggregateError if both deletes fail. A workflow sees a failure of type `several`, with one detail for each.
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
