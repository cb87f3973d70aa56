import { expect, it } from 'vitest';
import { chaos } from '../chaos/chaos.ts';
import { SHORT } from '../chaos/plans.ts';
import { stack } from './harness.ts';

/**
 * Runs on a stack of its own, because this stack's Temporal server keeps its data in memory and loses it when killed.
 */
it.runIf(stack.cluster.kind === 'native')(
  'the short form of `npm run chaos` loses, duplicates and leaves behind nothing',
  { timeout: 900_000 },
  async () => {
    const { faults, losses } = await chaos(`${stack.name}-chaos`, SHORT, (line) => console.error(line));
    expect(losses).toEqual([]);
    expect(faults).toBeGreaterThanOrEqual(SHORT.flatMap((round) => round.faults).length - 2);
  },
);
