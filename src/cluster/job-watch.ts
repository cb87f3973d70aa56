import type { ClusterApi } from './api.ts';
import { Session } from './job-session.ts';
import type { JobView } from './job-view.ts';
import { untilAborted } from './time.ts';
import type { WatchTiming } from './watch-state.ts';

export type { JobView } from './job-view.ts';

export interface JobWatchTiming extends WatchTiming {
  /** How long a waiter waits for the first list while the API server is in trouble, before it tells of it. */
  syncMs: number;
  /** How long the watch goes on after its last waiter: a validator's steps wait one after the other, and the next phase comes at once. */
  lingerMs: number;
}

const TIMING = { syncMs: 10_000, lingerMs: 5_000 };

/**
 * One list+watch of Jobs and one of Pods for a cluster and namespace, shared by all that wait there: waiting costs no request. It starts
 * with the first waiter and stops a moment after the last.
 */
export class JobWatch {
  readonly #api: ClusterApi;
  readonly #namespace: string;
  readonly #selector: string;
  readonly #timing: typeof TIMING;
  readonly #watchTiming: Partial<WatchTiming>;
  #session: Session | undefined;
  #linger: NodeJS.Timeout | undefined;

  /** @param selector label selector of the Jobs and pods to watch, applied by the API server. */
  constructor(api: ClusterApi, namespace: string, selector: string, timing: Partial<JobWatchTiming> = {}) {
    this.#api = api;
    this.#namespace = namespace;
    this.#selector = selector;
    this.#timing = { ...TIMING, ...timing };
    this.#watchTiming = timing;
  }

  /**
   * Start to look at a Job. Resolves once Jobs and pods have been listed, so that "not in view" means "not on the cluster".
   * @throws ClusterError when they cannot be listed: at once for what will not pass (no permission), else after a while.
   */
  async open(jobName: string, signal: AbortSignal): Promise<JobView> {
    signal.throwIfAborted();
    clearTimeout(this.#linger);
    this.#session ??= new Session(this.#api, this.#namespace, this.#selector, this.#watchTiming);
    const session = this.#session;
    session.join();
    try {
      await this.#synced(session, signal);
    } catch (error) {
      this.#leave(session);
      // What failed for good is tried anew by whoever comes next.
      if (session.stopped && session === this.#session) this.#session = undefined;
      throw error;
    }
    return session.look(jobName, () => this.#leave(session));
  }

  /** Stops the watch whoever still waits. */
  stop(): void {
    clearTimeout(this.#linger);
    this.#session?.stop();
    this.#session = undefined;
  }

  async #synced(session: Session, signal: AbortSignal): Promise<void> {
    const trouble = Promise.withResolvers<never>();
    const timer = setInterval(() => {
      if (session.error !== undefined) trouble.reject(session.error);
    }, this.#timing.syncMs);
    try {
      await untilAborted(Promise.race([session.synced, trouble.promise]), signal);
    } finally {
      clearInterval(timer);
    }
  }

  #leave(session: Session): void {
    if (session.leave() > 0 || session !== this.#session) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.stop(), this.#timing.lingerMs);
    this.#linger.unref();
  }
}
