/** Bytes in use on this process's heap after a garbage collection. Node needs the flag `--expose-gc`. */
export function usedHeapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('the heap can be measured only if Node runs with --expose-gc');
  // The second collection frees what the first one has finalised.
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
