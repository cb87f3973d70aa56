import type { WorkflowHandle } from '@temporalio/client';

/** How a workflow spent its time. Milliseconds by the clock of the Temporal server. */
export interface TimeSpent {
  totalMs: number;
  /** Each activity by name, from its start on a worker to its completion. */
  activities: Record<string, number>;
  /** The rest: workflow tasks, and tasks that wait for a worker. */
  betweenMs: number;
}

/** A timestamp as protobufjs decodes it. */
interface EventTime {
  seconds?: { toString(): string } | null;
  nanos?: number | null;
}

/** Reads a workflow's history. Its activities must run one after another. */
export async function timeSpentIn(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<TimeSpent> {
  const events = (await handle.fetchHistory()).events ?? [];
  const msOf = (time: EventTime | null | undefined) =>
    Number(time?.seconds?.toString() ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
  const names = new Map<string, string>();
  const started = new Map<string, number>();
  const activities: Record<string, number> = {};
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const start = event.activityTaskStartedEventAttributes;
    if (start) started.set(String(start.scheduledEventId), msOf(event.eventTime));
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const id = String(completed.scheduledEventId);
      const name = names.get(id) ?? '';
      activities[name] = (activities[name] ?? 0) + msOf(event.eventTime) - (started.get(id) ?? Number.NaN);
    }
  }
  const totalMs = msOf(events.at(-1)?.eventTime) - msOf(events[0]?.eventTime);
  const active = Object.values(activities).reduce((sum, ms) => sum + ms, 0);
  return { totalMs, activities, betweenMs: totalMs - active };
}
