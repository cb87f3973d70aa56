/**
 * Run items side by side, at most `limit` at once and never two that share an exclusive class; otherwise in their order. `work` must not
 * reject: an item's failure is its own result. When `stopped` says so, no further item is begun; those under way are waited for.
 */
export async function inParallel<T extends object>(
  items: readonly T[],
  { limit, classesOf, stopped }: { limit: number; classesOf: (item: T) => string[]; stopped: () => boolean },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<T, Promise<void>>();
  const taken = (name: string) => [...running.keys()].some((item) => classesOf(item).includes(name));
  const isFree = (item: T) => !classesOf(item).some(taken);
  for (;;) {
    if (stopped()) waiting.length = 0;
    const next = running.size < limit ? waiting.find(isFree) : undefined;
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      running.set(
        next,
        work(next).finally(() => running.delete(next)),
      );
    } else {
      if (running.size === 0) return;
      await Promise.race(running.values());
    }
  }
}
