import type { JobView } from '../cluster/watch/job-watch.ts';
import type { Ending } from '../run/ending/ending.ts';
import type { Graces } from '../run/ending/graces.ts';
import type { Queue, QueueChange } from '../run/ending/queue.ts';
import {
  decide,
  jobGone,
  type LastingSymptom,
  type WaitDecision,
  type WaitMemory,
  type WaitSight,
} from '../run/ending/wait-decision.ts';
import { JobObserver, type ObservedJob } from './job-observer.ts';
import type { Outage } from './outage.ts';

export interface JobWaitOptions extends ObservedJob {
  /** The validator's own time, as a Go duration. */
  timeout: string;
  graces: Graces;
  /** The queue that was last reported to the run. A change of queue ends the wait, unless this is undefined. */
  queue: Queue | undefined;
  /** The symptom that an earlier attempt of this activity had seen. */
  earlier?: LastingSymptom | undefined;
  /** Counts how long the cluster has been unreachable, and ends the wait if that exceeds the grace. */
  outage: Outage;
}

/** Waits for one Job: looks, decides, and looks again until the wait is over. */
export class JobWait {
  readonly #view: JobView;
  readonly #options: JobWaitOptions;
  readonly #observer: JobObserver;
  #memory: WaitMemory;

  constructor(view: JobView, options: JobWaitOptions, signal: AbortSignal) {
    this.#view = view;
    this.#options = options;
    this.#observer = new JobObserver(view, options, signal);
    this.#memory = { symptom: options.earlier };
  }

  /** What is wrong with the validator now, and since when. */
  get symptom(): LastingSymptom | undefined {
    return this.#memory.symptom;
  }

  /**
   * Waits, and returns how the wait ended.
   * @param onLook called after each look that did not end the wait, to heartbeat what was seen.
   */
  async end(onLook: () => void): Promise<Ending | QueueChange> {
    if (!(await this.#observer.findJob())) return jobGone(this.#observer.look());
    for (;;) {
      this.#options.outage.record(this.#view.failure);
      const decision = await this.#look();
      if (decision.kind === 'return') return decision.result;
      await this.#observer.nextChange(decision.lookAgainMs);
      onLook();
    }
  }

  async #look() {
    for (let sight = this.#observer.look(); ; sight = await this.#observer.lookCloser(sight)) {
      const decision = this.#decide(sight);
      if (decision.kind !== 'look-closer') return decision;
    }
  }

  #decide(sight: WaitSight): WaitDecision {
    const { timeout, graces, queue } = this.#options;
    const clocks = { nowMs: Date.now(), beganMs: this.#observer.beganMs };
    const decision = decide(sight, this.#memory, { timeout, graces, queue }, clocks);
    this.#memory = decision.memory;
    return decision;
  }
}
