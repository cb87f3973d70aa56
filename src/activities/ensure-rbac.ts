import { CLUSTER_ADMIN_ROLE } from '../aicr/constants.ts';
import { rbacLabels } from '../aicr/job/labels.ts';
import { clusterRoleBindingName, serviceAccountName } from '../aicr/job/names.ts';
import { CLUSTER_ROLE_BINDINGS, SERVICE_ACCOUNTS } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { ownedByAnchor } from '../run/anchor.ts';
import { withMarks } from '../run/marks.ts';
import type { NamedUid, RunScope } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { enforcePolicy } from './enforce-policy.ts';
import { refuseForeignObject } from './refuse-foreign-object.ts';

export interface EnsureRbacInput extends RunInput {
  anchor: NamedUid;
  /**
   * The ClusterRole of the run's validators. Workflows that an older worker started have none. @default "cluster-admin"
   */
  clusterRole?: string;
}

interface ClusterRoleBinding extends KubernetesObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

/**
 * Creates the ServiceAccount and the ClusterRoleBinding of the run's Jobs with server-side apply, as AICR's
 * `EnsureRBAC` does (`job/rbac.go`). Runs once, before the first Job. Both names contain the run id, so runs do not
 * affect each other. Idempotent.
 */
export function ensureRBAC({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: EnsureRbacInput, signal): Promise<void> => {
    const { run, anchor, clusterRole = CLUSTER_ADMIN_ROLE } = input;
    enforcePolicy(policy, [
      { of: 'clusterRole', value: clusterRole, path: 'clusterRole' },
      { of: 'namespace', value: run.namespace, path: 'run.namespace' },
    ]);
    const { api } = await clusters.pinned(run.cluster, signal);
    // A binding is cluster-scoped: a run with the same id in another namespace has its own anchor, but the same
    // binding.
    const bindingRef = { resource: CLUSTER_ROLE_BINDINGS, name: clusterRoleBindingName(run.runId) };
    await refuseForeignObject(api, bindingRef, run.marks, signal);
    await api.apply(SERVICE_ACCOUNTS, serviceAccount(run, anchor), signal);
    await api.apply(CLUSTER_ROLE_BINDINGS, binding(run, clusterRole), signal);
  });
}

function serviceAccount(run: RunScope, anchor: NamedUid): KubernetesObject {
  const name = serviceAccountName(run.runId);
  return {
    metadata: {
      ...withMarks({ name, namespace: run.namespace, labels: rbacLabels() }, run.marks),
      ownerReferences: [ownedByAnchor(anchor)],
    },
  };
}

/** The anchor cannot own the binding, which is cluster-scoped. Only cleanup and the sweep delete it. */
function binding(run: RunScope, clusterRole: string): ClusterRoleBinding {
  return {
    metadata: withMarks({ name: clusterRoleBindingName(run.runId), labels: rbacLabels() }, run.marks),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccountName(run.runId), namespace: run.namespace }],
  };
}
