import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';

export interface OneActivity {
  taskQueue: string;
  name: string;
  input: unknown;
  retry: NonNullable<ActivityOptions['retry']>;
}

/** Executes a single activity. Returns its result, or fails as any workflow with that activity would. */
export async function oneActivity({ taskQueue, name, input, retry }: OneActivity): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '3m',
    heartbeatTimeout: '30s',
    retry,
  });
  return activities[name]?.(input);
}
