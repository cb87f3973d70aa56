import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { effectiveTimeoutNs, jobDeadlineSeconds } from '../aicr/job/clocks.ts';
import type { Ending } from '../run/ending/ending.ts';
import type { Queue, QueueChange } from '../run/ending/queue.ts';
import { CLUSTER_UNREACHABLE } from '../run/failure-types.ts';
import type { NamedUid } from '../run/scope.ts';
import type { RunValidatorInput } from '../run/validator-input.ts';
import type { ClusterActivities } from './activity-stubs.ts';
import { rootCause } from './join-failures.ts';
import { type Result, resultOf } from './result.ts';
import { roomSignal } from './room-signal.ts';

/**
 * How long after the Job's own deadline a wait times out, in seconds: a worker whose own timer failed would otherwise
 * wait indefinitely. The retry continues from the heartbeat details.
 */
const WAIT_MARGIN_S = 600;
/** How many queue changes a wait reports. Each costs a few events of the history. */
const MAX_QUEUE_CHANGES = 40;

/**
 * Waits until an attempt's Job has ended. Meanwhile, it signals the run whenever the pod starts or stops waiting for
 * room.
 * @param onQueueChange is called whenever the pod enters or leaves any queue.
 * @returns the ending, or a message if the cluster was unreachable for longer than its grace. Any other failure is
 * thrown.
 */
export async function waitForJob(
  { run, entry, graces }: RunValidatorInput,
  job: NamedUid,
  activities: ClusterActivities,
  onQueueChange: (change: QueueChange) => void,
): Promise<Result<Ending, string>> {
  const startToCloseTimeout = (jobDeadlineSeconds(effectiveTimeoutNs(entry.timeout)) + WAIT_MARGIN_S) * 1000;
  const summary = `${run.cluster.name}/${run.namespace}/${job.name}`;
  const { waitForCompletion } = activities.wait(summary, { startToCloseTimeout });
  const input = { version: 1 as const, run, job, timeout: entry.timeout, ...(graces && { graces }) };
  const wait = (queue: Queue | undefined): Promise<Ending | QueueChange> =>
    waitForCompletion(queue === undefined ? input : { ...input, queue });
  let queue: Queue = 'none';
  for (let changes = 0; ; changes++) {
    const waited = await resultOf(() => wait(changes < MAX_QUEUE_CHANGES ? queue : undefined));
    if (!waited.ok) {
      if (isClusterUnreachable(waited.error)) return { ok: false, error: rootCause(waited.error) };
      throw waited.error;
    }
    const ending = waited.value;
    const next: Queue = ending.kind === 'queue' ? ending.queue : 'none';
    if (ending.kind === 'queue') onQueueChange(ending);
    if ((next === 'room') !== (queue === 'room')) await signalRoomChange(entry.name, next === 'room');
    if (ending.kind !== 'queue') return { ok: true, value: ending };
    queue = next;
  }
}

/**
 * Signals the run, which starts no other validators while one waits for room. A run that has closed does not need the
 * signal.
 */
async function signalRoomChange(validator: string, waits: boolean): Promise<void> {
  const { parent } = workflowInfo();
  if (parent === undefined) return;
  await getExternalWorkflowHandle(parent.workflowId, parent.runId)
    .signal(roomSignal, { validator, waits })
    .catch((error: unknown) => {
      if (isCancellation(error)) throw error;
    });
}

/** Whether the wait has given up on the cluster. It retries every other failure indefinitely. */
function isClusterUnreachable(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === CLUSTER_UNREACHABLE;
}
