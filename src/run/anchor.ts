/** The ConfigMap that owns what a run made: one a run, deleted last. */
export function anchorName(runId: string): string {
  return `proctor-${runId}`;
}

/** The ConfigMap with an attempt's result, which the anchor owns. */
export function resultName(job: string): string {
  return `proctor-result-${job}`;
}
