import type { Job, Pod } from '../../kubernetes/types.ts';
import { untilAborted } from '../abortable.ts';
import type { ClusterApi } from '../api.ts';
import { JOBS, PODS } from '../resources.ts';
import { type JobSources, Session } from './job-session.ts';
import type { JobView } from './job-view.ts';
import { SharedWatch } from './shared-watch.ts';
import { trimJob, trimPod } from './trim.ts';
import type { WatchTiming } from './watch-state.ts';

export type { JobView } from './job-view.ts';

export interface JobWatchTiming extends WatchTiming {
  /** How long a waiter waits for the first list while the API server is in trouble, before it tells of it. */
  syncMs: number;
  /** How long the watch goes on after its last waiter: a validator's steps wait one after the other, and the next phase comes at once. */
  lingerMs: number;
}

const TIMING = { syncMs: 10_000, lingerMs: 5_000 };

/** What {@link JobWatch}es of one cluster share. @param selector label selector of the Jobs and pods to watch, applied by the API server. */
export function jobSources(api: ClusterApi, selector: string, timing: Partial<WatchTiming> = {}): JobSources {
  const options = { labelSelector: selector, timing };
  return {
    jobs: new SharedWatch<Job>(api, { ...options, resource: JOBS, trim: trimJob }),
    pods: new SharedWatch<Pod>(api, { ...options, resource: PODS, trim: trimPod }),
  };
}

/**
 * One list+watch of Jobs and one of Pods for a cluster and namespace, shared by all that wait there: waiting costs no request. It starts
 * with the first waiter and stops a moment after the last.
 */
export class JobWatch {
  readonly #sources: JobSources;
  readonly #namespace: string;
  readonly #timing: typeof TIMING;
  #session: Session | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(sources: JobSources, namespace: string, timing: Partial<JobWatchTiming> = {}) {
    this.#sources = sources;
    this.#namespace = namespace;
    this.#timing = { ...TIMING, ...timing };
  }

  /**
   * Start to look at a Job. Resolves once Jobs and pods have been listed, so that "not in view" means "not on the cluster".
   * @throws ClusterError when they cannot be listed: at once for what will not pass (no permission), else after a while.
   */
  async open(jobName: string, signal: AbortSignal): Promise<JobView> {
    signal.throwIfAborted();
    clearTimeout(this.#linger);
    this.#session ??= new Session(this.#sources, this.#namespace);
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
