import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';

export interface OneActivity {
  taskQueue: string;
  name: string;
  input: unknown;
  retry: NonNullable<ActivityOptions['retry']>;
}

/** One activity of a worker by itself: what it answers, or the failure that a workflow gets of it. */
export async function oneActivity({ taskQueue, name, input, retry }: OneActivity): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '3m',
    heartbeatTimeout: '30s',
    retry,
  });
  return activities[name]?.(input);
}
