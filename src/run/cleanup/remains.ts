import type { KubernetesObject } from '../../kubernetes/types.ts';

/** An object of a run that may still be on the cluster. */
export interface Remaining extends KubernetesObject {
  kind: string;
  spec?: { nodeName?: string };
}

/** Kubernetes' own finalizers, which only make an object wait for the objects that it owns. */
const WAITING_FOR_OWNED = new Set(['foregroundDeletion', 'orphan']);
const MAX_TEXT = 500;

/**
 * Describes to a person an object that is still on the cluster after its run has removed it: its kind and name, what
 * blocks its deletion, and what to do.
 */
export function describeRemaining(object: Remaining): string {
  return `${object.kind}/${object.metadata.name} is still there: ${whatBlocks(object)}`.slice(0, MAX_TEXT);
}

/** Sorts objects that block others before objects that only wait for what they own. */
export function blockersFirst(a: Remaining, b: Remaining): number {
  return Number(isWaiting(a)) - Number(isWaiting(b));
}

function whatBlocks({ kind, metadata, spec }: Remaining): string {
  const { namespace, name, deletionTimestamp } = metadata;
  const object = `${kind.toLowerCase()} ${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
  const blocking = blockingFinalizers({ metadata });
  if (deletionTimestamp === undefined)
    return `its deletion was not requested, or the request failed; kubectl delete ${object}`;
  if (blocking.length > 0)
    return `finalizer ${blocking.join(', ')}; the controller that set it has to remove it, or by hand: kubectl patch ${object} --type=merge -p '{"metadata":{"finalizers":null}}'`;
  if (isWaiting({ metadata })) return 'it waits until the objects that it owns are gone';
  const unconfirmed =
    spec?.nodeName === undefined ? 'its end is not confirmed' : `node ${spec.nodeName} has not confirmed its end`;
  return `${unconfirmed}, due at ${deletionTimestamp}; check the node, or by hand: kubectl delete ${object} --force`;
}

function blockingFinalizers({ metadata }: KubernetesObject): string[] {
  return (metadata.finalizers ?? []).filter((finalizer) => !WAITING_FOR_OWNED.has(finalizer));
}

function isWaiting({ metadata }: KubernetesObject): boolean {
  return (metadata.finalizers ?? []).length > 0 && blockingFinalizers({ metadata }).length === 0;
}
