import type { WorkflowHandle } from '@temporalio/client';

/** Where a workflow's time went. Milliseconds, by the server's own clock. */
export interface TimeSpent {
  totalMs: number;
  /** Each activity from its start on a worker to its completion. */
  activities: Record<string, number>;
  /** All that was neither: workflow tasks, and tasks on their way to a worker. */
  betweenMs: number;
}

/** What an event's time is, in the shape that protobufjs gives it. */
interface EventTime {
  seconds?: { toString(): string } | null;
  nanos?: number | null;
}

/** For a workflow whose activities run one after another. */
export async function timeSpentIn(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<TimeSpent> {
  const events = (await handle.fetchHistory()).events ?? [];
  const at = (time: EventTime | null | undefined) =>
    Number(time?.seconds?.toString() ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
  const names = new Map<string, string>();
  const started = new Map<string, number>();
  const activities: Record<string, number> = {};
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const start = event.activityTaskStartedEventAttributes;
    if (start) started.set(String(start.scheduledEventId), at(event.eventTime));
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const id = String(completed.scheduledEventId);
      const name = names.get(id) ?? '';
      activities[name] = (activities[name] ?? 0) + at(event.eventTime) - (started.get(id) ?? Number.NaN);
    }
  }
  const totalMs = at(events.at(-1)?.eventTime) - at(events[0]?.eventTime);
  const active = Object.values(activities).reduce((sum, ms) => sum + ms, 0);
  return { totalMs, activities, betweenMs: totalMs - active };
}
