import { type MarkedKind, markedObject } from './marked-object.ts';
import { isKeptObject } from './orphans.ts';
import type { Remaining } from './remains.ts';

/** Leaves out the objects that outlive their run on purpose. A pod is kept with the Job that owns it. */
export function withoutKept(found: readonly Remaining[], nowMs: number): Remaining[] {
  const marked = found
    .filter(({ kind }) => kind !== 'Pod')
    .map((object) => markedObject(object.kind as MarkedKind, object));
  const kept = new Set(marked.filter((object) => isKeptObject(object, marked, nowMs)).map(({ uid }) => uid));
  const isKept = ({ kind, metadata }: Remaining) =>
    kind === 'Pod'
      ? metadata.deletionTimestamp === undefined && metadata.ownerReferences?.some(({ uid }) => kept.has(uid)) === true
      : kept.has(metadata.uid ?? '');
  return found.filter((object) => !isKept(object));
}
