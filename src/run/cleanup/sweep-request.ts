/** The schema of `sweep`'s one argument, and the type of its result. */
import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { faultsOfBounds } from '../schema/bounds.ts';
import { faultsOf } from '../schema/faults.ts';
import { dnsLabel, duration, type Exact } from '../schema/field-kinds.ts';

export const sweepSchema = z.strictObject({
  cluster: dnsLabel('the name under which a worker serves the cluster').meta({ description: 'The cluster to sweep' }),
  dryRun: z
    .boolean()
    .optional()
    .meta({ description: 'Report what would be removed, and remove nothing', byDefault: '`false`' }),
  minAge: duration({ least: '0s' }).optional().meta({
    description: 'The age at which objects of a run that Temporal does not know are removed',
    byDefault: '`1h`',
  }),
});

/** The one argument of `sweep`; durations are Go's. */
export type SweepRequest = Exact<z.infer<typeof sweepSchema>>;

/** Checks the request of a sweep, and returns every fault. */
export function checkSweepRequest(request: unknown): Fault[] {
  const tooLarge = faultsOfBounds(request, 'request');
  return tooLarge.length > 0 ? tooLarge : faultsOf(sweepSchema, request, 'request');
}

export interface SweepResult {
  cluster: string;
  dryRun: boolean;
  /** How many runs have objects on the cluster, and how many of these runs are still open. */
  runs: { found: number; open: number };
  /** What was removed, or would be, as `kind/namespace/name`; at most 200. */
  removed: string[];
  /** What could not be removed, and why; at most 200. */
  failed: string[];
}
