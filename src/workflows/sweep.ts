import { ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import { nsToMs, parseGoDuration } from '../aicr/go/duration.ts';
import { isDnsLabel } from '../aicr/job/names.ts';
import type { SweepRequest, SweepResult } from '../run/cleanup/sweep-request.ts';
import { clusterQueues } from '../run/task-queues.ts';
import { activitiesOn, WORKER_PICKUP_TIMEOUT } from './activity-stubs.ts';
import { failIfNotServed } from './fail-if-not-served.ts';

const DEFAULT_MIN_AGE = '1h';

/**
 * Removes from a cluster what runs left there that could not clean up: they were terminated, timed out, or lost with
 * their Temporal server.
 */
export async function sweep(request: SweepRequest): Promise<SweepResult> {
  const { cluster, dryRun = false, minAge = DEFAULT_MIN_AGE } = checked(request);
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

function checked(request: SweepRequest): SweepRequest {
  const faults: string[] = [];
  if (typeof request !== 'object' || request === null) faults.push('request: must be an object');
  else {
    if (typeof request.cluster !== 'string' || !isDnsLabel(request.cluster))
      faults.push('request.cluster: must be the name of a cluster');
    if (request.dryRun !== undefined && typeof request.dryRun !== 'boolean')
      faults.push('request.dryRun: must be true or false');
    if (request.minAge !== undefined && !isDuration(request.minAge))
      faults.push('request.minAge: must be a duration such as 90s or 1h');
  }
  if (faults.length > 0) throw ApplicationFailure.nonRetryable(faults.join('\n'), 'InvalidRequest', faults);
  return request;
}

function isDuration(text: unknown): boolean {
  try {
    return typeof text === 'string' && parseGoDuration(text) >= 0n;
  } catch {
    return false;
  }
}
