import type { Job, Pod } from '../../kubernetes/types.ts';
import { untilAborted } from '../abortable.ts';
import type { ClusterApi } from '../api.ts';
import { JOBS, PODS } from '../resources.ts';
import { JobSession, type JobSources } from './job-session.ts';
import type { JobView } from './job-view.ts';
import { SharedWatch } from './shared-watch.ts';
import { trimJob, trimPod } from './trim.ts';
import type { WatchTiming } from './watch-state.ts';

export type { JobView } from './job-view.ts';

export interface JobWatchTiming extends WatchTiming {
  /** How long a waiter waits for the first list while the API server fails, before the wait fails too. */
  syncMs: number;
  /** How long the watch continues without waiters, since the next step or the next phase may soon wait again. */
  lingerMs: number;
}

const TIMING = { syncMs: 10_000, lingerMs: 5_000 };

/**
 * The watches that all {@link JobWatch}es of one cluster share.
 * @param selector label selector of the Jobs and pods to watch, applied by the API server.
 */
export function jobSources(api: ClusterApi, selector: string, timing: Partial<WatchTiming> = {}): JobSources {
  const options = { labelSelector: selector, timing };
  return {
    jobs: new SharedWatch<Job>(api, { ...options, resource: JOBS, trim: trimJob }),
    pods: new SharedWatch<Pod>(api, { ...options, resource: PODS, trim: trimPod }),
  };
}

/**
 * Watches the Jobs of one namespace and their pods for all waiters there, so that a wait costs no request. The watch
 * starts with the first waiter and stops shortly after the last has left.
 */
export class JobWatch {
  readonly #sources: JobSources;
  readonly #namespace: string;
  readonly #timing: typeof TIMING;
  #session: JobSession | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(sources: JobSources, namespace: string, timing: Partial<JobWatchTiming> = {}) {
    this.#sources = sources;
    this.#namespace = namespace;
    this.#timing = { ...TIMING, ...timing };
  }

  /**
   * Opens a view of a Job. Resolves once Jobs and pods have been listed, so that a Job that is not in view does not
   * exist.
   * @throws ClusterError if they cannot be listed: at once if a retry cannot succeed (no permission), otherwise after
   * `syncMs`.
   */
  async open(jobName: string, signal: AbortSignal): Promise<JobView> {
    signal.throwIfAborted();
    clearTimeout(this.#linger);
    this.#session ??= new JobSession(this.#sources, this.#namespace);
    const session = this.#session;
    session.addWaiter();
    try {
      await this.#synced(session, signal);
    } catch (error) {
      this.#leave(session);
      // The next waiter starts a new session.
      if (session.stopped && session === this.#session) this.#session = undefined;
      throw error;
    }
    return session.openView(jobName, () => this.#leave(session));
  }

  /** Stops the watch, even if there are waiters. */
  stop(): void {
    clearTimeout(this.#linger);
    this.#session?.stop();
    this.#session = undefined;
  }

  async #synced(session: JobSession, signal: AbortSignal): Promise<void> {
    const failed = Promise.withResolvers<never>();
    const timer = setInterval(() => {
      if (session.failure !== undefined) failed.reject(session.failure);
    }, this.#timing.syncMs);
    try {
      await untilAborted(Promise.race([session.synced, failed.promise]), signal);
    } finally {
      clearInterval(timer);
    }
  }

  #leave(session: JobSession): void {
    if (session.removeWaiter() > 0 || session !== this.#session) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.stop(), this.#timing.lingerMs);
    this.#linger.unref();
  }
}
