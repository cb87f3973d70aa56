import type { SweepResult } from '../run/cleanup/sweep-request.ts';

/** A sweep's result for a terminal: one line for each object, then the counts. */
export function sweepText({ cluster, dryRun, runs, removed, failed }: SweepResult): string {
  const verb = dryRun ? 'would be removed' : 'removed';
  return [
    ...removed.map((object) => `${verb}: ${object}`),
    ...failed.map((object) => `failed: ${object}`),
    `${cluster}: ${removed.length} ${verb}, ${failed.length} failed; objects of ${runs.found} runs were found, ${runs.open} of them open`,
  ].join('\n');
}
