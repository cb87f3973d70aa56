export interface ParallelOptions<T> {
  /** How many items may run at once. */
  limit: number;
  /** Two items that share a class never run side by side. */
  classesOf: (item: T) => string[];
  /** Once true, no further item is begun; those under way are waited for. */
  stopped: () => boolean;
  /** While true, no further item is begun beside those that run. */
  held: () => boolean;
  /** Resolves when items may be begun again, or will not be any more; must not reject. */
  released: () => Promise<void>;
}

/**
 * Run items side by side, otherwise in their order. `work` must not reject: an item's failure is its own result.
 */
export async function inParallel<T extends object>(
  items: readonly T[],
  { limit, classesOf, stopped, held, released }: ParallelOptions<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<T, Promise<void>>();
  const taken = (name: string) => [...running.keys()].some((item) => classesOf(item).includes(name));
  const isFree = (item: T) => !classesOf(item).some(taken);
  for (;;) {
    if (stopped()) waiting.length = 0;
    // Where nothing runs there is nobody whose end would make room: to hold the rest back would be to leave it out.
    const mayBegin = running.size === 0 || (running.size < limit && !held());
    const next = mayBegin ? waiting.find(isFree) : undefined;
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(
        next,
        work(next).finally(() => running.delete(next)),
      );
    } else {
      if (running.size === 0) return;
      await Promise.race([...running.values(), ...(held() && !stopped() ? [released()] : [])]);
    }
  }
}
