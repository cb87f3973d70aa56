/** The schema of `sweep`'s one argument, and what a sweep answers. */
import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { faultsOfBounds } from '../schema/bounds.ts';
import { faultsOf } from '../schema/faults.ts';
import { dnsLabel, duration, type Exact } from '../schema/fields.ts';

export const sweepSchema = z.strictObject({
  cluster: dnsLabel('the name under which a worker serves the cluster').meta({ description: 'The cluster to sweep' }),
  dryRun: z
    .boolean()
    .optional()
    .meta({ description: 'Report what would be removed, and remove nothing', byDefault: '`false`' }),
  minAge: duration({ least: '0s' }).optional().meta({
    description: 'How long the sweep leaves objects of a run that Temporal does not know',
    byDefault: '`1h`',
  }),
});

/** The one argument of `sweep`; durations are Go's. */
export type SweepRequest = Exact<z.infer<typeof sweepSchema>>;

/** Every fault of a sweep's request; none if it may run. */
export function checkSweepRequest(request: unknown): Fault[] {
  const tooLarge = faultsOfBounds(request, 'request');
  return tooLarge.length > 0 ? tooLarge : faultsOf(sweepSchema, request, 'request');
}

export interface SweepResult {
  cluster: string;
  dryRun: boolean;
  /** Runs that objects were found of, and how many of them are still open. */
  runs: { found: number; open: number };
  /** What was removed, or would be, as `kind/namespace/name`; at most 200. */
  removed: string[];
  /** What could not be removed, and why; at most 200. */
  failed: string[];
}
