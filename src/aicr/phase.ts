/** The phases, in the order in which they run (AICR since its #1201; docs/contract.md, section 10). */
export const PHASES = ['deployment', 'conformance', 'performance'] as const;
export type Phase = (typeof PHASES)[number];

export function isPhase(text: string): text is Phase {
  return (PHASES as readonly string[]).includes(text);
}
