import type { JobView } from '../src/cluster/watch/job-watch.ts';
import { terminalCondition } from '../src/kubernetes/job.ts';

/** Waits on the shared watch until `holds` is true for a Job's view. */
export async function viewUntil(view: JobView, holds: (view: JobView) => boolean, signal: AbortSignal): Promise<void> {
  while (!holds(view)) await view.changed(signal);
}

/** Whether the Job is Complete or Failed. */
export function hasEnded({ job }: JobView): boolean {
  return job !== undefined && terminalCondition(job) !== undefined;
}
