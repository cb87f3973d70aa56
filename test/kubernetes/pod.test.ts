import { describe, expect, it } from 'vitest';
import { hasStarted, unschedulableMessage, wasNeverCreated } from '../../src/kubernetes/pod.ts';
import type { ContainerStatus, Pod } from '../../src/kubernetes/types.ts';

const pod = (status: Pod['status'] & object): Pod => ({ metadata: { name: 'p' }, status });

const validator = (status: Partial<ContainerStatus>): Pod =>
  pod({ containerStatuses: [{ name: 'validator', ...status }] });

/** As containerd 1.6 reports it if the kubelet was killed meanwhile. */
const GIVEN_UP = {
  exitCode: 128,
  reason: 'StartError',
  startedAt: '1970-01-01T00:00:00Z',
  message: 'failed to create containerd task: failed to create shim task: context canceled: unknown',
};

/** As the kubelet reports a container that was never created, when its pod is deleted. */
const UNKNOWN = { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null };

describe('wasNeverCreated', () => {
  it.each<[string, Partial<ContainerStatus>, boolean]>([
    ['when its kubelet does not find it', { state: { terminated: UNKNOWN }, lastState: {}, restartCount: 0 }, true],
    ['also where nothing else is said', { state: { terminated: UNKNOWN } }, true],
    ['not when it had started', { state: { terminated: { ...UNKNOWN, startedAt: 't' } } }, false],
    ['not when it ended otherwise', { state: { terminated: { exitCode: 128, startedAt: null } } }, false],
    ['not when it ran before', { state: { terminated: UNKNOWN }, lastState: { running: {} } }, false],
    ['not when it was restarted', { state: { terminated: UNKNOWN }, restartCount: 1 }, false],
    ['not while it waits', { state: { waiting: {} } }, false],
  ])('decides for a container: %s', (_when, status, expected) =>
    expect(wasNeverCreated(validator(status))).toBe(expected),
  );

  it('is false for a pod without the container', () => expect(wasNeverCreated({ metadata: {} })).toBe(false));
});

describe('hasStarted', () => {
  it.each<[string, Partial<ContainerStatus>, boolean]>([
    ['while it runs', { state: { running: {} } }, true],
    ['when it has ended', { state: { terminated: { exitCode: 0, startedAt: 't' } } }, true],
    [
      'when it ran before',
      { state: { waiting: {} }, lastState: { terminated: { exitCode: 1, startedAt: 't' } } },
      true,
    ],
    ['when it was restarted', { state: { waiting: {} }, restartCount: 1 }, true],
    ['not while it waits', { state: { waiting: {} }, restartCount: 0 }, false],
    ['not when it ended without a start', { state: { terminated: { exitCode: 128 } } }, false],
    ['perhaps, when its kubelet does not find it', { state: { terminated: UNKNOWN } }, true],
    [
      'not when it ended without a start, as the kubelet writes it',
      { state: { terminated: { exitCode: 128, startedAt: null } } },
      false,
    ],
    ['not when its making was given up', { state: { terminated: GIVEN_UP } }, false],
    ['not when nothing is known', {}, false],
  ])('decides for a container: %s', (_when, status, started) => expect(hasStarted(validator(status))).toBe(started));

  it('is false for a pod without the container', () => {
    expect(hasStarted({ metadata: {} })).toBe(false);
    expect(hasStarted(pod({ containerStatuses: [{ name: 'other', state: { running: {} } }] }))).toBe(false);
  });
});

it('says why a pod has no node', () => {
  const withConditions = (...conditions: NonNullable<NonNullable<Pod['status']>['conditions']>): Pod => ({
    metadata: {},
    status: { conditions },
  });
  const scheduled = (status: 'True' | 'False', message: string) => ({ type: 'PodScheduled', status, message }) as const;
  const other = { type: 'Initialized', status: 'False', message: 'not this' } as const;
  expect(unschedulableMessage(withConditions(other, scheduled('False', 'no room')))).toBe('no room');
  expect(unschedulableMessage(withConditions(scheduled('True', 'placed')))).toBeUndefined();
  for (const pod of [undefined, { metadata: {} }, { metadata: {}, status: {} }])
    expect(unschedulableMessage(pod)).toBeUndefined();
});
