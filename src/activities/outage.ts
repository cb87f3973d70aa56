import { ApplicationFailure } from '@temporalio/common';
import { formatGoDuration, msToNs } from '../aicr/go/duration.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { CLUSTER_UNREACHABLE } from '../run/failure-types.ts';

/** More than passes between two tries of an activity while there is a worker: its heartbeat's timeout, and the longest back-off. */
const MOST_BETWEEN_TRIES_MS = 90_000;

/**
 * How long a cluster has been out of reach, over all tries of an activity: its beginning travels in the heartbeat, so that neither a try that
 * fails nor a worker that dies begins it anew. Time in which there was no worker to ask does not count: where both were away, the worker may be
 * back a moment before the cluster is.
 */
export class Outage {
  readonly #graceMs: number;
  #sinceMs: number | undefined;

  /** @param earlier what an earlier try told of it, and when it last did. */
  constructor(graceMs: number, earlier: { sinceMs: number; toldMs?: number | undefined } | undefined) {
    this.#graceMs = graceMs;
    if (earlier === undefined) return;
    const { sinceMs, toldMs = Date.now() } = earlier;
    const unaskedMs = Date.now() - toldMs;
    this.#sinceMs = unaskedMs > MOST_BETWEEN_TRIES_MS ? sinceMs + unaskedMs : sinceMs;
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
