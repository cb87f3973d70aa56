import { hasStarted } from '../../kubernetes/pod.ts';
import type { Job, Pod } from '../../kubernetes/types.ts';
import { wasEndedByKubelet } from '../../run/ending/kubelet-end.ts';
import { endedOnItsOwn, mayStillBeInvalidated } from '../../run/ending/verdict.ts';
import { untilAborted } from '../abortable.ts';

/** One waiter's view of its Job. Deleted pods stay in it as they were last seen, so that no verdict is lost. */
export interface JobView {
  /**
   * The current or last state of the Job. If the Job ended, was deleted and was recreated under its name while the
   * waiter was busy, the waiter sees these three steps in order, one after each call of {@link changed}.
   */
  readonly job: Job | undefined;
  /** Whether the Job has ever been in view. If so, its absence means that it was deleted. */
  readonly seen: boolean;
  readonly pods: readonly Pod[];
  /** UIDs of {@link pods} that no longer exist on the cluster. */
  readonly gonePods: ReadonlySet<string>;
  /** Those of {@link gonePods} whose deletion the watch missed, so that their last state is unknown. */
  readonly missedDeletions: ReadonlySet<string>;
  /** UIDs of pods that were seen started. A restarted kubelet may remove the containers from a pod's status. */
  readonly startedPods: ReadonlySet<string>;
  /** The current failure of the watch, for a person who looks at the pending activity; undefined if there is none. */
  readonly failure: string | undefined;
  /** Whether another pod of the same run is scheduled and has not ended. Its end will free capacity. */
  readonly hasScheduledSiblings: boolean;
  /** Resolves when anything above has changed since the last call; rejects with the signal's reason. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** What a view knows of the watch beyond its own Job. */
export interface WatchContext {
  failure(): string | undefined;
  hasScheduledSiblings(ownPods: readonly Pod[]): boolean;
}

/** More changes of UID than can happen while a waiter is busy. */
const MAX_STEPS = 16;

/** A {@link JobView} that its session updates. */
export class LiveJobView implements JobView {
  readonly gonePods = new Set<string>();
  readonly missedDeletions = new Set<string>();
  readonly startedPods = new Set<string>();
  readonly #pods = new Map<string, Pod>();
  readonly #onClose: () => void;
  readonly #context: WatchContext;
  /** The step that the waiter sees, and the later ones that it has not reached. */
  #steps: [Job | undefined, ...(Job | undefined)[]];
  #seen: boolean;
  /** Whether the step that the waiter sees has changed since the last call of {@link changed}. */
  #stepChanged = false;
  #changed = false;
  #closed = false;
  #nextChange: PromiseWithResolvers<void> | undefined;

  constructor(job: Job | undefined, pods: Iterable<Pod>, context: WatchContext, onClose: () => void) {
    this.#steps = [job];
    this.#seen = job !== undefined;
    this.#context = context;
    this.#onClose = onClose;
    for (const pod of pods) this.#keep(pod);
  }

  get job(): Job | undefined {
    return this.#steps[0];
  }

  get seen(): boolean {
    return this.#seen;
  }

  get pods(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  get failure(): string | undefined {
    return this.#context.failure();
  }

  get hasScheduledSiblings(): boolean {
    return this.#context.hasScheduledSiblings(this.pods);
  }

  /** @param job undefined if it was deleted. */
  setJob(job: Job | undefined): void {
    const last = this.#steps.length - 1;
    const known = this.#steps[last];
    // A newer state of the same Job replaces the older one. So does the first state of a Job that did not exist before.
    if (job !== undefined && (known === undefined ? !this.#seen : known.metadata.uid === job.metadata.uid)) {
      this.#steps[last] = job;
      this.#seen ||= last === 0;
      this.#stepChanged ||= last === 0;
    } else if (job !== known) this.#addStep(job);
    else return;
    this.wake();
  }

  setPod(pod: Pod): void {
    this.#keep(pod);
    this.wake();
  }

  deletePod(uid: string, { observed }: { observed: boolean }): void {
    this.gonePods.add(uid);
    if (!observed) this.missedDeletions.add(uid);
    this.wake();
  }

  /** Lets {@link changed} resolve. */
  wake(): void {
    this.#changed = true;
    this.#nextChange?.resolve();
  }

  async changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#changed) {
      this.#nextChange ??= Promise.withResolvers();
      await untilAborted(this.#nextChange.promise, signal);
    }
    this.#nextChange = undefined;
    // The waiter sees the last state of the current step before it moves to the next one.
    const [, next, ...rest] = this.#steps;
    if (this.#steps.length > 1 && !this.#stepChanged) this.#steps = [next, ...rest];
    this.#stepChanged = false;
    this.#seen ||= this.job !== undefined;
    this.#changed = this.#steps.length > 1;
  }

  close(): void {
    if (!this.#closed) this.#onClose();
    this.#closed = true;
  }

  #addStep(job: Job | undefined): void {
    if (this.#steps.length >= MAX_STEPS) this.#steps.splice(1, 1);
    this.#steps.push(job);
  }

  /**
   * Stores a pod's state, but keeps an earlier state that is a verdict: while a pod is being deleted, its status loses
   * information. One later state may still replace a verdict, the last that the kubelet reports: that the pod has
   * ended, which confirms the verdict, or that the kubelet ended the pod, which invalidates it.
   */
  #keep(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (hasStarted(pod)) this.startedPods.add(uid);
    const known = this.#pods.get(uid);
    const isVerdict = known !== undefined && endedOnItsOwn(known);
    const isFinal = endedOnItsOwn(pod) || wasEndedByKubelet(pod);
    if (!isVerdict || (mayStillBeInvalidated(known) && isFinal)) this.#pods.set(uid, pod);
  }
}
