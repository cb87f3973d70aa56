import type { PhasedEntry } from './selection.ts';

/**
 * The resource classes that a validator needs for itself while it runs. If its entry has no `exclusive`, a validator of
 * the deployment phase shares everything, and a validator of another phase has the whole cluster for itself, since
 * AICR's validators of these phases expect the GPUs to be free.
 */
export function exclusiveClasses({ phase, exclusive }: PhasedEntry): string[] {
  return exclusive ?? (phase === 'deployment' ? [] : ['cluster']);
}
