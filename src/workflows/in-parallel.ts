export interface ParallelOptions<T> {
  /** How many items may run at once. */
  limit: number;
  /** The classes of an item. Two items that share a class never run at the same time. */
  classesOf: (item: T) => string[];
  /** Once true, no further item starts, and only the running ones are awaited. */
  isStopped: () => boolean;
  /** While true, an item starts only if no other is running. */
  isOnHold: () => boolean;
  /** Resolves when the hold ends or the items are stopped; must not reject. */
  untilReleased: () => Promise<void>;
}

/**
 * Runs items in parallel, in the given order. An item that its classes hold back is overtaken by later ones.
 * @param work must not reject: an item's failure is the item's own result.
 */
export async function inParallel<T extends object>(
  items: readonly T[],
  { limit, classesOf, isStopped, isOnHold, untilReleased }: ParallelOptions<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<T, Promise<void>>();
  const isTaken = (name: string) => [...running.keys()].some((item) => classesOf(item).includes(name));
  const isFree = (item: T) => !classesOf(item).some(isTaken);
  for (;;) {
    if (isStopped()) waiting.length = 0;
    // If nothing is running, the hold is ignored: no item could end and release it, and the remaining ones would never
    // run.
    const mayStart = running.size === 0 || (running.size < limit && !isOnHold());
    const next = mayStart ? waiting.find(isFree) : undefined;
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(
        next,
        work(next).finally(() => running.delete(next)),
      );
    } else {
      if (running.size === 0) return;
      await Promise.race([...running.values(), ...(isOnHold() && !isStopped() ? [untilReleased()] : [])]);
    }
  }
}
