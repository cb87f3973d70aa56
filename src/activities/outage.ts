import { ApplicationFailure } from '@temporalio/common';
import { formatGoDuration, msToNs } from '../aicr/go/duration.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { CLUSTER_UNREACHABLE } from '../run/failure-types.ts';

/**
 * Longer than the time between two attempts while a worker runs: the heartbeat timeout and the longest backoff, 30 s
 * each.
 */
const MAX_BETWEEN_ATTEMPTS_MS = 90_000;

/** An outage in a heartbeat: when it began and when it was reported, in milliseconds since the epoch. */
export interface ReportedOutage {
  sinceMs: number;
  reportedMs?: number | undefined;
}

/**
 * How long a cluster has been unreachable, over all attempts of an activity. The heartbeat carries the beginning, so
 * that the outage continues after an attempt that fails and after a worker that dies. Time without any worker does not
 * count: if worker and cluster were both down, the worker may return a moment before the cluster.
 */
export class Outage {
  readonly #graceMs: number;
  #sinceMs: number | undefined;

  /** @param earlier the outage as an earlier attempt reported it. */
  constructor(graceMs: number, earlier: ReportedOutage | undefined) {
    this.#graceMs = graceMs;
    if (earlier === undefined) return;
    const { sinceMs, reportedMs = Date.now() } = earlier;
    const withoutReportMs = Date.now() - reportedMs;
    this.#sinceMs = withoutReportMs > MAX_BETWEEN_ATTEMPTS_MS ? sinceMs + withoutReportMs : sinceMs;
  }

  /** When the outage began, in milliseconds since the epoch; undefined while the cluster answers. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /**
   * Records whether the cluster fails now.
   * @param failure why; undefined if the cluster answers, which ends the outage.
   * @throws a non-retryable failure if the outage has lasted for its grace. Any other failure would be retried
   * indefinitely.
   */
  record(failure: string | undefined): void {
    if (failure === undefined) {
      this.#sinceMs = undefined;
      return;
    }
    this.#sinceMs ??= Date.now();
    const lastedMs = Date.now() - this.#sinceMs;
    if (lastedMs < this.#graceMs) return;
    const lasted = formatGoDuration(msToNs(Math.round(lastedMs / 1000) * 1000));
    throw ApplicationFailure.nonRetryable(
      `the cluster has been unreachable for ${lasted}: ${failure}`,
      CLUSTER_UNREACHABLE,
    );
  }

  /** Does work that needs the cluster, and records an error of the cluster as part of the outage. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ClusterError) this.record(error.message);
      throw error;
    }
  }
}
