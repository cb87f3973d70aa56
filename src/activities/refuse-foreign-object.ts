import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { resourceName } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { hasMarks, type Marks, WORKFLOW_ID } from '../run/marks.ts';

/**
 * Refuses to take over what bears this name and another run's marks, or none: all names are made of the run id, which a request may give, and
 * a second run with the same one would apply over the first one's objects, and delete them, its Jobs included, when it ends.
 */
export async function refuseForeignObject(
  api: ClusterApi,
  ref: ObjectRef,
  marks: Marks,
  signal: AbortSignal,
): Promise<void> {
  const found = await api.find<KubernetesObject>(ref, signal);
  if (found === undefined || hasMarks(found, marks)) return;
  const owner = found.metadata.annotations?.[WORKFLOW_ID];
  const whose = owner === undefined ? 'it is not of this run' : `it is of another run, of workflow ${owner}`;
  const detail = `${whose}: give the run another runId, or none, or wait until that one and its sweep have removed it`;
  throw alreadyExists(api, ref, detail);
}

/** As the API server refuses to create what is there, for a reason that it does not know of. */
export function alreadyExists(api: ClusterApi, { resource, namespace, name }: ObjectRef, detail: string): ClusterError {
  const call = { verb: 'create', resource: resourceName(resource), ...(resource.namespaced && { namespace }), name };
  return new ClusterError('already-exists', api.connection.cluster, call, detail);
}
