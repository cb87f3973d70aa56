/** The ConfigMap that owns what a run made: one a run, deleted last. */
export function anchorName(runId: string): string {
  return `proctor-${runId}`;
}
