import { expect, it } from 'vitest';
import { chaos } from '../chaos/chaos.ts';
import { SHORT } from '../chaos/plans.ts';
import { stack } from './harness.ts';

/** On a stack of its own: this one's Temporal server would forget everything when it is killed. */
it.runIf(stack.cluster.kind === 'native')(
  'the short form of `npm run chaos`: nothing is lost, made twice or left behind',
  { timeout: 900_000 },
  async () => {
    const { faults, losses } = await chaos(`${stack.name}-chaos`, SHORT, (line) => console.error(line));
    expect(losses).toEqual([]);
    expect(faults).toBeGreaterThanOrEqual(SHORT.flatMap((round) => round.faults).length - 2);
  },
);
