import type { Pod } from '../../kubernetes/types.ts';
import { endedOnItsOwn } from './verdict.ts';

/** The pod of a Job to read the ending from: the youngest one with a verdict, otherwise the youngest one. */
export function resultPodOf(pods: readonly Pod[]): Pod | undefined {
  const byAge = [...pods].sort((a, b) => createdMs(b) - createdMs(a));
  return byAge.find(endedOnItsOwn) ?? byAge[0];
}

function createdMs({ metadata }: Pod): number {
  return metadata.creationTimestamp === undefined ? 0 : Date.parse(metadata.creationTimestamp);
}
