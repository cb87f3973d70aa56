import { describe, expect, it } from 'vitest';
import { hasStarted, unschedulableMessage, wasNeverCreated } from '../../src/kubernetes/pod.ts';
import type { ContainerStatus, Pod } from '../../src/kubernetes/types.ts';

const pod = (status: Pod['status'] & object): Pod => ({ metadata: { name: 'p' }, status });

const validator = (status: Partial<ContainerStatus>): Pod =>
  pod({ containerStatuses: [{ name: 'validator', ...status }] });

/** As containerd 1.6 reports a container if the kubelet was killed while the container was being created. */
const ABANDONED = {
  exitCode: 128,
  reason: 'StartError',
  startedAt: '1970-01-01T00:00:00Z',
  message: 'failed to create containerd task: failed to create shim task: context canceled: unknown',
};

/** As the kubelet reports a container that was never created, when its pod is deleted. */
const UNKNOWN = { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null };

describe('wasNeverCreated', () => {
  it.each<[string, Partial<ContainerStatus>, boolean]>([
    ['that the kubelet cannot find', { state: { terminated: UNKNOWN }, lastState: {}, restartCount: 0 }, true],
    ['of which nothing else is known', { state: { terminated: UNKNOWN } }, true],
    ['that had started', { state: { terminated: { ...UNKNOWN, startedAt: 't' } } }, false],
    ['that ended for another reason', { state: { terminated: { exitCode: 128, startedAt: null } } }, false],
    ['that ran before', { state: { terminated: UNKNOWN }, lastState: { running: {} } }, false],
    ['that was restarted', { state: { terminated: UNKNOWN }, restartCount: 1 }, false],
    ['that is waiting', { state: { waiting: {} } }, false],
  ])('judges a container %s', (_which, status, expected) => expect(wasNeverCreated(validator(status))).toBe(expected));

  it('is false for a pod without the container', () => expect(wasNeverCreated({ metadata: {} })).toBe(false));
});

describe('hasStarted', () => {
  it.each<[string, Partial<ContainerStatus>, boolean]>([
    ['that is running', { state: { running: {} } }, true],
    ['that has ended', { state: { terminated: { exitCode: 0, startedAt: 't' } } }, true],
    ['that ran before', { state: { waiting: {} }, lastState: { terminated: { exitCode: 1, startedAt: 't' } } }, true],
    ['that was restarted', { state: { waiting: {} }, restartCount: 1 }, true],
    ['that is waiting', { state: { waiting: {} }, restartCount: 0 }, false],
    ['that ended without a start time', { state: { terminated: { exitCode: 128 } } }, false],
    ['that the kubelet cannot find, which may have started', { state: { terminated: UNKNOWN } }, true],
    ['that ended with a start time of null', { state: { terminated: { exitCode: 128, startedAt: null } } }, false],
    ['that was abandoned while it was being created', { state: { terminated: ABANDONED } }, false],
    ['of which nothing is known', {}, false],
  ])('judges a container %s', (_which, status, started) => expect(hasStarted(validator(status))).toBe(started));

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
