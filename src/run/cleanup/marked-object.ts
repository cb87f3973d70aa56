import type { KubernetesObject } from '../../kubernetes/types.ts';
import { asFirstRunId, asWorkflowId, type FirstRunId, type WorkflowId } from '../ids.ts';
import { EXPIRES_ANNOTATION, WORKFLOW_ID, WORKFLOW_RUN_ID } from '../marks.ts';

/**
 * The kinds of objects that a run creates, in the order in which they are removed. A Job's pods end before their role
 * is revoked, and the binding is removed before its ServiceAccount. A Job's deletion removes its pods. The anchor, a
 * ConfigMap, is removed last.
 */
export const MARKED_KINDS = ['Job', 'ClusterRoleBinding', 'ServiceAccount', 'ConfigMap'] as const;
export type MarkedKind = (typeof MARKED_KINDS)[number];

/** An object with this installation's marks, as the sweep sees it. */
export interface MarkedObject {
  kind: MarkedKind;
  namespace?: string;
  name: string;
  uid: string;
  createdMs: number;
  /** UIDs of the objects that own it. */
  owners?: string[];
  /** Undefined if somebody has changed the object's marks. Its run is then unknown, and the sweep does not touch it. */
  workflowId?: WorkflowId;
  workflowRunId?: FirstRunId;
  /** When an object that intentionally outlives its run may be removed. */
  expiresMs?: number;
  /** Whether its deletion has been requested already. */
  deleting: boolean;
}

/** Reads an object's marks. */
export function markedObject(kind: MarkedKind, { metadata }: KubernetesObject): MarkedObject {
  const { namespace, name = '', uid = '', creationTimestamp, deletionTimestamp, labels, annotations } = metadata;
  const owners = metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
  const workflowId = annotations?.[WORKFLOW_ID];
  const workflowRunId = labels?.[WORKFLOW_RUN_ID];
  const expires = annotations?.[EXPIRES_ANNOTATION];
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    createdMs: creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp),
    ...(owners.length === 0 ? {} : { owners }),
    ...(workflowId === undefined ? {} : { workflowId: asWorkflowId(workflowId) }),
    ...(workflowRunId === undefined ? {} : { workflowRunId: asFirstRunId(workflowRunId) }),
    ...(expires === undefined ? {} : { expiresMs: Date.parse(expires) }),
    deleting: deletionTimestamp !== undefined,
  };
}

/** An object's kind, namespace and name, as the sweep's result lists it. */
export function describeObject({ kind, namespace, name }: MarkedObject): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
