import type { ClusterApi, ObjectRef } from '../cluster/api.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { resourceName } from '../cluster/resources.ts';
import type { KubernetesObject } from '../kubernetes/types.ts';
import { hasMarks, type Marks, WORKFLOW_ID } from '../run/marks.ts';

/**
 * Refuses an object that exists and does not have the run's marks. All names contain the run id, which a request may
 * choose. Without this, a second run with the same id would apply over the first run's objects, and delete them when it
 * ends, Jobs included.
 * @throws ClusterError `already-exists`.
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
  const whose =
    owner === undefined ? 'it does not belong to this run' : `it belongs to another run, of workflow ${owner}`;
  const detail = `${whose}: use another runId, or none, or wait until that run or its sweep has deleted it`;
  throw alreadyExists(api, ref, detail);
}

/** The error with which the API server refuses to create an object that exists. */
export function alreadyExists(api: ClusterApi, { resource, namespace, name }: ObjectRef, detail: string): ClusterError {
  const call = { verb: 'create', resource: resourceName(resource), ...(resource.namespaced && { namespace }), name };
  return new ClusterError('already-exists', api.connection.cluster, call, detail);
}
