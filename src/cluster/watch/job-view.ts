import { hasStarted } from '../../kubernetes/pod.ts';
import type { Job, Pod } from '../../kubernetes/types.ts';
import { wasEndedByKubelet } from '../../run/ending/kubelet-end.ts';
import { endedOnItsOwn, mayStillBeInvalidated } from '../../run/ending/verdict.ts';
import { untilAborted } from '../abortable.ts';

/**
 * What one waiter sees of its Job. A pod that has been deleted stays in view, as it was last seen: whoever waits for a verdict must not lose
 * one that was there for a moment.
 */
export interface JobView {
  /**
   * The Job as it is, or was: a Job that ended, was deleted and made anew under its name while the waiter was busy is seen in these three
   * steps, one for each call of {@link changed}, and never only as the last.
   */
  readonly job: Job | undefined;
  /** Whether the Job was in view at any time: then its absence means that it was deleted. */
  readonly seen: boolean;
  readonly pods: readonly Pod[];
  /** UIDs of pods that are in {@link pods} but no longer on the cluster. */
  readonly gonePods: ReadonlySet<string>;
  /** Those of them that went while nobody watched: what they did after they were last seen, nobody knows. */
  readonly unseenEnds: ReadonlySet<string>;
  /** Those that had started when they were seen at any time: a kubelet that is started anew may take the containers off a pod's status. */
  readonly startedPods: ReadonlySet<string>;
  /** The watch's latest trouble, for the person who looks at a pending activity; undefined while all is well. */
  readonly trouble: string | undefined;
  /** Whether another pod of the same run has a node and has not ended: its end makes room. */
  readonly siblingsHoldRoom: boolean;
  /** Resolves when anything above has changed since the last call; rejects with the signal's reason when aborted. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** What a view asks the watch for, since it concerns more than its Job. */
export interface Surroundings {
  trouble(): string | undefined;
  siblingsHoldRoom(own: readonly Pod[]): boolean;
}

/** More changes of UID than anybody makes while a waiter is busy. */
const MAX_STEPS = 16;

export class View implements JobView {
  readonly gonePods = new Set<string>();
  readonly unseenEnds = new Set<string>();
  readonly startedPods = new Set<string>();
  readonly #pods = new Map<string, Pod>();
  readonly #onClose: () => void;
  readonly #surroundings: Surroundings;
  /** The step the waiter is at, and those it has not taken yet. */
  #steps: [Job | undefined, ...(Job | undefined)[]];
  #seen: boolean;
  /** The step the waiter is at has changed since it looked. */
  #news = false;
  #changed = false;
  #closed = false;
  #next: PromiseWithResolvers<void> | undefined;

  constructor(job: Job | undefined, pods: Iterable<Pod>, surroundings: Surroundings, onClose: () => void) {
    this.#steps = [job];
    this.#seen = job !== undefined;
    this.#surroundings = surroundings;
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

  get trouble(): string | undefined {
    return this.#surroundings.trouble();
  }

  get siblingsHoldRoom(): boolean {
    return this.#surroundings.siblingsHoldRoom(this.pods);
  }

  seeJob(job: Job | undefined): void {
    const last = this.#steps.length - 1;
    const known = this.#steps[last];
    // Of one Job the latest state says all that the earlier ones did; that it was not there yet says nothing.
    if (job !== undefined && (known === undefined ? !this.#seen : known.metadata.uid === job.metadata.uid)) {
      this.#steps[last] = job;
      this.#seen ||= last === 0;
      this.#news ||= last === 0;
    } else if (job !== known) this.#step(job);
    else return;
    this.wake();
  }

  seePod(pod: Pod): void {
    this.#keep(pod);
    this.wake();
  }

  losePod(uid: string, { seen }: { seen: boolean }): void {
    this.gonePods.add(uid);
    if (!seen) this.unseenEnds.add(uid);
    this.wake();
  }

  wake(): void {
    this.#changed = true;
    this.#next?.resolve();
  }

  async changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#changed) {
      this.#next ??= Promise.withResolvers();
      await untilAborted(this.#next.promise, signal);
    }
    this.#next = undefined;
    // What has become of the Job at this step is looked at before the next step is taken.
    const [, next, ...rest] = this.#steps;
    if (this.#steps.length > 1 && !this.#news) this.#steps = [next, ...rest];
    this.#news = false;
    this.#seen ||= this.job !== undefined;
    this.#changed = this.#steps.length > 1;
  }

  close(): void {
    if (!this.#closed) this.#onClose();
    this.#closed = true;
  }

  #step(job: Job | undefined): void {
    if (this.#steps.length >= MAX_STEPS) this.#steps.splice(1, 1);
    this.#steps.push(job);
  }

  /**
   * A verdict that was seen stays: the same pod, seen again while it is being deleted, says less. But it waits for what the kubelet says last
   * of all: that the pod has ended, which settles it, or that it ended the pod itself, which takes it back.
   */
  #keep(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (hasStarted(pod)) this.startedPods.add(uid);
    const known = this.#pods.get(uid);
    const isVerdict = known !== undefined && endedOnItsOwn(known);
    const isLastWord = endedOnItsOwn(pod) || wasEndedByKubelet(pod);
    if (!isVerdict || (mayStillBeInvalidated(known) && isLastWord)) this.#pods.set(uid, pod);
  }
}
