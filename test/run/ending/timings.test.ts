import { expect, it } from 'vitest';
import { timingsOf } from '../../../src/run/ending/timings.ts';
import { job, pod } from './pod-and-job.ts';

it('splits a validator’s time into queued, pulling and running', () => {
  const ran = pod(
    { terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:12Z', finishedAt: '2026-01-01T00:00:20Z' } },
    { status: 'True' },
  );
  const [condition] = ran.status?.conditions ?? [];
  if (condition !== undefined) condition.lastTransitionTime = '2026-01-01T00:00:10Z';
  expect(timingsOf(job().metadata.creationTimestamp, ran)).toEqual({
    queuedMs: 10_000,
    pullingMs: 2_000,
    runningMs: 8_000,
  });
  expect(timingsOf(undefined, undefined)).toEqual({});
  // As containerd 1.6 writes a command that could not be started.
  const terminated = { exitCode: 128, startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:13Z' };
  expect(timingsOf(undefined, pod({ terminated }))).toEqual({});
});

it('leaves out a span whose start or end is not known', () => {
  const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
  const scheduled = [
    { type: 'Ready', status: 'True' as const, lastTransitionTime: at(9) },
    { type: 'PodScheduled', status: 'False' as const, lastTransitionTime: at(8) },
    { type: 'PodScheduled', status: 'True' as const, lastTransitionTime: at(3) },
  ];
  const running = { name: 'validator', state: { running: { startedAt: at(5) } } };
  expect(timingsOf(at(1), { metadata: {} })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: {} })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: { conditions: scheduled.slice(0, 2) } })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: { conditions: scheduled } })).toStrictEqual({ queuedMs: 2_000 });
  expect(
    timingsOf(undefined, {
      metadata: { creationTimestamp: at(2) },
      status: { conditions: scheduled, containerStatuses: [running] },
    }),
  ).toStrictEqual({ queuedMs: 1_000, pullingMs: 2_000 });
  const waiting = { name: 'validator', state: { waiting: {} } };
  expect(timingsOf(at(1), { metadata: {}, status: { containerStatuses: [waiting] } })).toStrictEqual({});
});
