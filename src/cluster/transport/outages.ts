/** A server that has just started may answer 403 until it has loaded its RBAC rules. */
const RECENT_MS = 15_000;

/** Counts how often one API server was unreachable and recovered. */
export class Outages {
  #count = 0;
  #isDown = false;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  /** Outages that have ended. */
  get count(): number {
    return this.#count;
  }

  /** Whether an outage has ended within the last 15 s. */
  get endedRecently(): boolean {
    return performance.now() - this.#recoveredAt < RECENT_MS;
  }

  recordFailure(): void {
    this.#isDown = true;
  }

  recordAnswer(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#count++;
    this.#recoveredAt = performance.now();
  }
}
