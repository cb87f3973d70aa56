import type { Symptom } from './symptom.ts';

/**
 * Which queue a validator waits in: none; `elsewhere`, a queue of the cluster (a suspended Job, a gated pod); or
 * `room`, resources that other validators of its run hold.
 */
export type Queue = 'none' | 'elsewhere' | 'room';

/** What a wait returns if the pod has entered or left a queue. The run takes note of it and waits again. */
export interface QueueChange {
  kind: 'queue';
  queue: Queue;
  evidence?: string;
}

/** The queue that a symptom shows. */
export function queueOf(symptom: Symptom | undefined): Queue {
  if (symptom?.finding.cause !== 'queued') return 'none';
  return symptom.forRoom === true ? 'room' : 'elsewhere';
}
