import { describe, expect, it } from 'vitest';
import { terminalCondition } from '../../src/kubernetes/job.ts';
import { hasStarted, wasNeverCreated } from '../../src/kubernetes/pod.ts';
import type { ContainerStatus, Job, Pod } from '../../src/kubernetes/types.ts';
import { disruptionOf, troubleOf } from '../../src/run/ending/start-problem.ts';

const pod = (status: Pod['status'] & object): Pod => ({ metadata: { name: 'p' }, status });
const validator = (status: Partial<ContainerStatus>): Pod =>
  pod({ containerStatuses: [{ name: 'validator', ...status }] });

/** As containerd 1.6 says it of a kubelet that was killed meanwhile. */
const GIVEN_UP = {
  exitCode: 128,
  reason: 'StartError',
  startedAt: '1970-01-01T00:00:00Z',
  message: 'failed to create containerd task: failed to create shim task: context canceled: unknown',
};

/** As the kubelet says it of a container that was never made, once its pod is deleted. */
const UNKNOWN = { exitCode: 137, reason: 'ContainerStatusUnknown', startedAt: null, finishedAt: null };

describe('a validator was never made', () => {
  it.each<[string, Partial<ContainerStatus>, boolean]>([
    ['when its kubelet does not find it', { state: { terminated: UNKNOWN }, lastState: {}, restartCount: 0 }, true],
    ['also where nothing else is said', { state: { terminated: UNKNOWN } }, true],
    ['not when it had started', { state: { terminated: { ...UNKNOWN, startedAt: 't' } } }, false],
    ['not when it ended otherwise', { state: { terminated: { exitCode: 128, startedAt: null } } }, false],
    ['not when it ran before', { state: { terminated: UNKNOWN }, lastState: { running: {} } }, false],
    ['not when it was restarted', { state: { terminated: UNKNOWN }, restartCount: 1 }, false],
    ['not while it waits', { state: { waiting: {} } }, false],
  ])('%s', (_when, status, expected) => expect(wasNeverCreated(validator(status))).toBe(expected));

  it('not when the pod has no such container', () => expect(wasNeverCreated({ metadata: {} })).toBe(false));
});

describe('a validator has started', () => {
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
  ])('%s', (_when, status, started) => expect(hasStarted(validator(status))).toBe(started));

  it('not when the pod has no such container', () => {
    expect(hasStarted({ metadata: {} })).toBe(false);
    expect(hasStarted(pod({ containerStatuses: [{ name: 'other', state: { running: {} } }] }))).toBe(false);
  });
});

describe('a disruption is the one that Kubernetes announced', () => {
  const disrupted = (reason?: string, status: 'True' | 'False' = 'True') =>
    disruptionOf(
      pod({
        conditions: [
          { type: 'Ready', status: 'True', reason: 'PreemptionByScheduler' },
          { type: 'DisruptionTarget', status, message: 'words', ...(reason && { reason }) },
        ],
      }),
    );

  it.each([
    ['PreemptionByScheduler', 'preempted'],
    ['DeletionByPodGC', 'node-lost'],
    ['EvictionByEvictionAPI', 'evicted'],
    ['TerminationByKubelet', 'evicted'],
    [undefined, 'evicted'],
  ])('%s: %s', (reason, cause) => expect(disrupted(reason)).toStrictEqual({ cause, evidence: 'words' }));

  it('and not one that was taken back', () => expect(disrupted('PreemptionByScheduler', 'False')).toBeUndefined());

  it('also where only the pod’s own reason says so', () => {
    expect(disruptionOf(pod({ reason: 'Evicted', message: 'low on memory' }))).toStrictEqual({
      cause: 'evicted',
      evidence: 'low on memory',
    });
    expect(disruptionOf(pod({ reason: 'NodeAffinity', message: 'no' }))).toBeUndefined();
    expect(disruptionOf({ metadata: {} })).toBeUndefined();
  });
});

describe('a trouble before the start is named', () => {
  const init = (exitCode: number, message?: string) => ({
    name: 'wait',
    state: { terminated: { exitCode, ...(message !== undefined && { message }) } },
  });

  it('an init container that failed, with what it said', () => {
    const evidence = 'init container wait ended with exit code 3';
    expect(troubleOf(pod({ initContainerStatuses: [init(0), init(3)] }))).toStrictEqual({
      cause: 'init-failed',
      evidence,
    });
    expect(troubleOf(pod({ initContainerStatuses: [init(3, 'no')] }))?.evidence).toBe(`${evidence}: no`);
  });

  it('not an init container that is at work, waits or has done its part', () => {
    const others = [init(0), { name: 'b', state: { running: {} } }, { name: 'c', state: {} }, { name: 'd' }];
    expect(troubleOf(pod({ initContainerStatuses: others }))).toBeUndefined();
  });

  it('a pod that its kubelet refused, before there was any container', () => {
    const refused = { phase: 'Failed' as const, reason: 'OutOfcpu', message: 'no room' };
    expect(troubleOf(pod(refused))).toStrictEqual({ cause: 'admission-refused', evidence: 'OutOfcpu: no room' });
    expect(troubleOf(pod({ ...refused, containerStatuses: [] }))?.cause).toBe('admission-refused');
    expect(troubleOf(pod({ phase: 'Failed', reason: 'OutOfcpu' }))?.evidence).toBe('OutOfcpu');
    expect(troubleOf(pod({ ...refused, containerStatuses: [{ name: 'validator' }] }))).toBeUndefined();
    expect(troubleOf(pod({ ...refused, phase: 'Pending' }))).toBeUndefined();
  });

  it('an image and a container that cannot be had, in the kubelet’s words or else by its reason', () => {
    const waits = (reason?: string, message?: string) =>
      troubleOf(validator({ state: { waiting: { ...(reason && { reason }), ...(message && { message }) } } }));
    for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])
      expect(waits(reason)).toStrictEqual({ cause: 'image-pull', evidence: reason });
    for (const reason of ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])
      expect(waits(reason, 'words')).toStrictEqual({ cause: 'config-error', evidence: 'words' });
    expect(waits('ContainerCreating')).toBeUndefined();
    expect(waits()).toBeUndefined();
    expect(troubleOf(validator({}))).toBeUndefined();
    expect(troubleOf({ metadata: {} })).toBeUndefined();
  });

  it('a pod that waits for a node, or for a gate to open', () => {
    const placed = (status: 'True' | 'False', reason: string) =>
      troubleOf(
        pod({
          conditions: [
            { type: 'Initialized', status: 'False', reason: 'other' },
            { type: 'PodScheduled', status, reason, message: 'words' },
          ],
        }),
      );
    expect(placed('False', 'Unschedulable')).toStrictEqual({ cause: 'unschedulable', evidence: 'words' });
    expect(placed('False', 'SchedulingGated')).toStrictEqual({ cause: 'queued', evidence: 'words' });
    expect(placed('True', 'Unschedulable')).toBeUndefined();
  });
});

it('a Job has ended with a condition Complete or Failed that is True', () => {
  const condition = (type: string, status: 'True' | 'False') => ({ type, status });
  const of = (...conditions: ReturnType<typeof condition>[]) =>
    terminalCondition({ metadata: {}, spec: {}, status: { conditions } } as unknown as Job)?.type;
  expect(of(condition('Suspended', 'True'), condition('Complete', 'True'))).toBe('Complete');
  expect(of(condition('FailureTarget', 'True'), condition('Failed', 'True'))).toBe('Failed');
  expect(of(condition('Complete', 'False'), condition('Failed', 'False'))).toBeUndefined();
  expect(of()).toBeUndefined();
  expect(terminalCondition({ metadata: {}, spec: {}, status: {} } as unknown as Job)).toBeUndefined();
  expect(terminalCondition({ metadata: {}, spec: {} } as unknown as Job)).toBeUndefined();
});
