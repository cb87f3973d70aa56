import type { Kube } from '../e2e/causes/kube.ts';

interface Found {
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
}

/** Every kind that a run creates, or that Kubernetes creates for it, in any namespace. */
const KINDS = {
  Job: '/apis/batch/v1/jobs',
  Pod: '/api/v1/pods',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  ServiceAccount: '/api/v1/serviceaccounts',
  Role: '/apis/rbac.authorization.k8s.io/v1/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/**
 * Every object of these kinds on the cluster, as `kind/namespace/name`, except reports that are kept until they
 * expire.
 */
export async function listObjects(kube: Kube): Promise<Set<string>> {
  const lists = await Promise.all(
    Object.entries(KINDS).map(async ([kind, path]) => {
      const objects = await kube.list<Found>(path);
      return objects
        .filter(({ metadata }) => !isKept(kind, metadata) && !isKubernetesOwn(kind, metadata.name))
        .map(({ metadata: { namespace = '-', name } }) => `${kind}/${namespace}/${name}`);
    }),
  );
  return new Set(lists.flat());
}

function isKept(kind: string, { name, annotations }: Found['metadata']): boolean {
  const expires = annotations?.['proctor.run/expires'];
  return (
    kind === 'ConfigMap' && name.startsWith('aicr-ctrf-') && expires !== undefined && Date.parse(expires) > Date.now()
  );
}

/** What Kubernetes itself adds to every namespace some time after its creation. */
function isKubernetesOwn(kind: string, name: string): boolean {
  return (kind === 'ConfigMap' && name === 'kube-root-ca.crt') || (kind === 'ServiceAccount' && name === 'default');
}
