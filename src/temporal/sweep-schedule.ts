import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { nsToMs, parseGoDuration } from '../aicr/go/duration.ts';
import { WORKFLOW_QUEUE } from '../run/task-queues.ts';

const DEFAULT_INTERVAL = '10m';
const MIN_INTERVAL_MS = 10_000;

/**
 * Creates the Schedule that sweeps a cluster, unless it exists. An existing Schedule stays as it is, so that a person
 * can pause or change it. `PROCTOR_SWEEP_INTERVAL` is a Go duration, or `off`. @default 10m
 */
export async function ensureSweepSchedule(client: Client, cluster: string, env: NodeJS.ProcessEnv): Promise<void> {
  const interval = env.PROCTOR_SWEEP_INTERVAL ?? DEFAULT_INTERVAL;
  if (interval === 'off') return;
  const scheduleId = `proctor-sweep-${cluster}`;
  try {
    await client.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: intervalMs(interval) }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweep',
        workflowId: `sweep-${cluster}`,
        taskQueue: WORKFLOW_QUEUE,
        args: [{ cluster }],
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

function intervalMs(text: string): number {
  try {
    const ms = nsToMs(parseGoDuration(text));
    if (ms >= MIN_INTERVAL_MS) return ms;
  } catch {
    // The error below is the same as for an interval that is too short.
  }
  throw new Error(
    `PROCTOR_SWEEP_INTERVAL must be a duration of at least 10s, such as 10m, or "off", not ${JSON.stringify(text)}`,
  );
}
