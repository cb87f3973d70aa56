import type { PhasedEntry } from './selection.ts';

/**
 * The resource classes that a validator needs for itself while it runs. If an entry does not say, a validator of the
 * deployment phase shares everything, and one of the other phases has the whole cluster for itself, since AICR's
 * validators expect the GPUs to be free there.
 */
export function exclusiveClasses({ phase, exclusive }: PhasedEntry): string[] {
  return exclusive ?? (phase === 'deployment' ? [] : ['cluster']);
}
