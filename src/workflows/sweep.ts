import { setCurrentDetails } from '@temporalio/workflow';
import { nsToMs, parseGoDuration } from '../aicr/go/duration.ts';
import type { SweepRequest, SweepResult } from '../run/cleanup/sweep-request.ts';
import { clusterQueues } from '../run/task-queues.ts';
import { activitiesOn, WORKER_PICKUP_TIMEOUT } from './activity-stubs.ts';
import { faultsOfSweep } from './check-input.ts';
import { failIfNotServed } from './fail-if-not-served.ts';
import { throwIfInvalid } from './request-preflight.ts';

const DEFAULT_MIN_AGE = '1h';

/**
 * Removes what runs left on a cluster because they could not clean up: they were terminated, timed out, or were lost
 * with their Temporal server.
 */
export async function sweep(request: SweepRequest): Promise<SweepResult> {
  throwIfInvalid(await faultsOfSweep(request), 'nothing was removed');
  const { cluster, dryRun = false, minAge = DEFAULT_MIN_AGE } = request;
  const summary = `sweep of ${cluster}${dryRun ? ' (dry run)' : ''}`;
  const { sweepCluster } = activitiesOn(cluster).gone(summary, { scheduleToStartTimeout: WORKER_PICKUP_TIMEOUT });
  const result = await failIfNotServed(cluster, clusterQueues(cluster).cleanup, () =>
    sweepCluster({ version: 1, cluster, dryRun, minAgeMs: nsToMs(parseGoDuration(minAge)) }),
  );
  const { removed, failed } = result;
  setCurrentDetails(
    [
      `**${removed.length} ${dryRun ? 'to be removed' : 'removed'}, ${failed.length} failed**`,
      '',
      ...failed,
      ...removed,
    ]
      .join('\n')
      .slice(0, 4000),
  );
  return result;
}
