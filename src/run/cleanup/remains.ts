import type { KubernetesObject } from '../../kubernetes/types.ts';

/** What is still on the cluster of a run although it should be gone, for a person: what it is, what holds it, and what to do. */

export interface Remaining extends KubernetesObject {
  kind: string;
  spec?: { nodeName?: string };
}

/** Kubernetes' own, which only says that an object waits for what it owns. */
const WAITING_FOR_OWNED = new Set(['foregroundDeletion', 'orphan']);
const MAX_TEXT = 500;

export function describeRemaining(object: Remaining): string {
  return `${object.kind}/${object.metadata.name} is still there: ${whatHolds(object)}`.slice(0, MAX_TEXT);
}

/** What holds others comes first, what only waits for those last. */
export function holdersFirst(a: Remaining, b: Remaining): number {
  return Number(isWaiting(a)) - Number(isWaiting(b));
}

function whatHolds({ kind, metadata, spec }: Remaining): string {
  const { namespace, name, deletionTimestamp } = metadata;
  const object = `${kind.toLowerCase()} ${name}${namespace === undefined ? '' : ` -n ${namespace}`}`;
  const holding = holders({ metadata });
  if (deletionTimestamp === undefined)
    return `its deletion was not asked for, or did not get through; kubectl delete ${object}`;
  if (holding.length > 0)
    return `finalizer ${holding.join(', ')}; whoever set it has to let go, or by hand: kubectl patch ${object} --type=merge -p '{"metadata":{"finalizers":null}}'`;
  if (isWaiting({ metadata })) return 'it waits for what it owns to be gone';
  const who = spec?.nodeName === undefined ? 'nobody has' : `node ${spec.nodeName} has not`;
  return `${who} confirmed its end, due at ${deletionTimestamp}; see to the node, or by hand: kubectl delete ${object} --force`;
}

function holders({ metadata }: KubernetesObject): string[] {
  return (metadata.finalizers ?? []).filter((finalizer) => !WAITING_FOR_OWNED.has(finalizer));
}

function isWaiting({ metadata }: KubernetesObject): boolean {
  return (metadata.finalizers ?? []).length > 0 && holders({ metadata }).length === 0;
}
