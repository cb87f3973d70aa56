/** Phases in the order they run (contract.md, section 10: since #1201). */
export const PHASES = ['deployment', 'conformance', 'performance'] as const;
export type Phase = (typeof PHASES)[number];

export function isPhase(text: string): text is Phase {
  return (PHASES as readonly string[]).includes(text);
}
