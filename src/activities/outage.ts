import { ApplicationFailure } from '@temporalio/common';
import { ClusterError } from '../cluster/error.ts';
import { formatGoDuration, msToNs } from '../contract/go-duration.ts';
import { CLUSTER_UNREACHABLE } from '../contract/outcome.ts';

/**
 * How long a cluster has been out of reach, over all tries of an activity: its beginning travels in the heartbeat, so that neither a try that
 * fails nor a worker that dies begins it anew.
 */
export class Outage {
  readonly #graceMs: number;
  #sinceMs: number | undefined;

  constructor(graceMs: number, sinceMs: number | undefined) {
    this.#graceMs = graceMs;
    this.#sinceMs = sinceMs;
  }

  /** Undefined while the cluster answers. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /**
   * Takes note of the trouble that there is now, or that there is none.
   * @throws the final failure of the activity once it has lasted longer than its grace: what is not final is tried again for ever.
   */
  see(trouble: string | undefined): void {
    if (trouble === undefined) {
      this.#sinceMs = undefined;
      return;
    }
    this.#sinceMs ??= Date.now();
    const lastedMs = Date.now() - this.#sinceMs;
    if (lastedMs < this.#graceMs) return;
    const lasted = formatGoDuration(msToNs(Math.round(lastedMs / 1000) * 1000));
    throw ApplicationFailure.nonRetryable(
      `the cluster has been out of reach for ${lasted}: ${trouble}`,
      CLUSTER_UNREACHABLE,
    );
  }

  /** Does what needs the cluster; where it fails for want of it, that is a part of the outage. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ClusterError) this.see(error.message);
      throw error;
    }
  }
}
