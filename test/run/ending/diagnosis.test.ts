import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import type { Finding } from '../../../src/run/ending/cause.ts';
import { diagnose } from '../../../src/run/ending/diagnosis.ts';
import type { Ending } from '../../../src/run/ending/ending.ts';
import { complete, ended, pod, T } from './pods.ts';

it.each<[string, Ending, Pod | undefined, string]>([
  ['a validator that exited by itself', complete, pod(ended(1, 10)), 'completed'],
  ['a container that was killed for its memory', complete, pod(ended(137, 10, 'OOMKilled')), 'oom'],
  ['a command that cannot start', complete, pod(ended(128, 10, 'StartError')), 'start-error'],
  ['an exit during the pod’s deletion', complete, pod(ended(0, 25), { deletedAt: 50 }), 'interrupted'],
  ['an eviction', complete, pod(ended(0, 25), { disrupted: true }), 'evicted'],
  ['a deleted Job', { kind: 'job-gone', started: false }, undefined, 'job-deleted'],
  ['a deleted Job whose verdict was seen', { kind: 'job-gone', started: false }, pod(ended(1, 10)), 'completed'],
  ['a validator that still runs', { kind: 'timeout', started: false }, pod({ running: {} }), 'deadline'],
  ['a Job without a pod', { kind: 'timeout', started: false }, undefined, 'never-started'],
  [
    'a missing image',
    { kind: 'timeout', started: false },
    pod({ waiting: { reason: 'ImagePullBackOff', message: 'no such' } }),
    'image-pull',
  ],
  [
    'a missing ConfigMap',
    { kind: 'timeout', started: false },
    pod({ waiting: { reason: 'CreateContainerConfigError' } }),
    'config-error',
  ],
  [
    'a pod without a container named validator',
    { kind: 'timeout', started: false },
    pod({ running: {} }, { container: 'main' }),
    'contract-broken',
  ],
  ['a complete Job whose pod is gone', complete, undefined, 'pod-deleted'],
])('names the cause of %s', (_what, ending, seen, cause) => {
  expect(diagnose(ending, seen).cause).toBe(cause);
});

describe('diagnose', () => {
  const failed = (reason: string): Ending => ({
    kind: 'terminal',
    started: true,
    condition: { type: 'Failed', status: 'True', reason, message: 'in Kubernetes’ words' },
  });
  const timeout: Ending = { kind: 'timeout', started: false };
  const evidence = 'in Kubernetes’ words';
  const unstarted = pod({ waiting: {} });
  const unmade = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null } };

  it.each<[string, Ending, Pod | undefined, Finding]>([
    [
      'a problem that outlasted its grace',
      { kind: 'early', started: false, finding: { cause: 'unschedulable', evidence } },
      unstarted,
      { cause: 'unschedulable', evidence },
    ],
    [
      'a container that the kubelet lost',
      complete,
      pod({ terminated: { exitCode: 137, finishedAt: T(1), reason: 'ContainerStatusUnknown', message: evidence } }),
      { cause: 'status-unknown', evidence },
    ],
    [
      'a container that was running before a reboot, as containerd 1.6 writes it',
      complete,
      pod({ terminated: { exitCode: 255, startedAt: T(0), finishedAt: T(1), reason: 'Unknown' } }),
      {
        cause: 'status-unknown',
        evidence: 'the container runtime does not know how the container ended; its node may have rebooted',
      },
    ],
    [
      'a command that cannot be started',
      complete,
      pod({ terminated: { exitCode: 128, finishedAt: T(1), reason: 'ContainerCannotRun', message: evidence } }),
      { cause: 'start-error', evidence },
    ],
    [
      'an exit after the deletion was requested',
      complete,
      pod(ended(0, 25), { deletedAt: 50 }),
      { cause: 'interrupted', evidence: 'the pod was being deleted when its validator ended' },
    ],
    [
      'a pod that was deleted before its container ended',
      failed('BackoffLimitExceeded'),
      pod({ running: {} }, { deletedAt: 50 }),
      { cause: 'pod-deleted', evidence },
    ],
    [
      'a container that still runs although its Job failed',
      failed('BackoffLimitExceeded'),
      pod({ running: {} }),
      { cause: 'status-unknown', evidence },
    ],
    [
      'a container that still runs at its Job’s deadline',
      failed('DeadlineExceeded'),
      pod({ running: {} }),
      { cause: 'deadline' },
    ],
    [
      'a container that its runtime has forgotten, as the kubelet writes it',
      failed('BackoffLimitExceeded'),
      {
        metadata: {},
        status: {
          phase: 'Failed',
          containerStatuses: [
            {
              name: 'validator',
              state: { waiting: { reason: 'ContainerCreating' } },
              lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'not located' } },
              restartCount: 1,
            },
          ],
        },
      },
      { cause: 'status-unknown', evidence: 'not located' },
    ],
    [
      'a pod that is being deleted when the wait times out',
      timeout,
      pod({ running: {} }, { deletedAt: 50 }),
      { cause: 'deadline' },
    ],
    ['a pod without container statuses', timeout, { metadata: {}, status: {} }, { cause: 'never-started' }],
    ['a pod without a status', timeout, { metadata: {} }, { cause: 'never-started' }],
    ['a waiting container without a reason', timeout, unstarted, { cause: 'never-started' }],
    [
      'a pod that is gone at its Job’s deadline',
      failed('DeadlineExceeded'),
      undefined,
      { cause: 'deadline', evidence },
    ],
    [
      'a pod that waited for room until its Job’s deadline',
      { ...failed('DeadlineExceeded'), started: false, trouble: { cause: 'queued', evidence } },
      undefined,
      { cause: 'queued', evidence },
    ],
    [
      'a pod that waited for an unknown reason until its Job’s deadline',
      { ...failed('DeadlineExceeded'), started: false },
      pod({ waiting: {} }, { deletedAt: 50 }),
      { cause: 'never-started' },
    ],
    [
      'a container that was never created before its Job’s deadline, as the kubelet writes it',
      failed('DeadlineExceeded'),
      pod(unmade, { deletedAt: 50, grace: 0 }),
      { cause: 'never-started' },
    ],
    [
      'a container that started after it was last seen, before its Job’s deadline',
      { ...failed('DeadlineExceeded'), started: false },
      pod({ terminated: { exitCode: 0, startedAt: T(5), finishedAt: T(9) } }, { deletedAt: 50 }),
      { cause: 'completed' },
    ],
    [
      'a pod that was gone before its Job failed',
      failed('BackoffLimitExceeded'),
      undefined,
      { cause: 'pod-deleted', evidence },
    ],
    [
      'a deleted pod whose Job failed without an exit code',
      { ...failed('BackoffLimitExceeded'), pod: pod({ running: {} }, { deletedAt: 50 }) },
      undefined,
      { cause: 'pod-deleted', evidence },
    ],
    [
      'a vanished pod whose Job failed because of another container',
      { ...failed('PodFailurePolicy'), pod: pod({ running: {} }) },
      undefined,
      { cause: 'pod-deleted', evidence },
    ],
  ])('gives the cause and the evidence of %s', (_what, ending, seen, expected) =>
    expect(diagnose(ending, seen)).toStrictEqual(expected),
  );
});
