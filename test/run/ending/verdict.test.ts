import { describe, expect, it } from 'vitest';
import type { ContainerState, Pod, PodSpec, PodStatus } from '../../../src/kubernetes/types.ts';
import type { Finding } from '../../../src/run/ending/cause.ts';
import { diagnose, exitCodeInCondition } from '../../../src/run/ending/diagnosis.ts';
import type { Ending } from '../../../src/run/ending/ending.ts';
import { resultFromInterrupted, wasInterrupted } from '../../../src/run/ending/interrupted.ts';
import {
  endedOnItsOwn,
  evictedPod,
  hasEnded,
  mayHideEviction,
  mayStillBeInvalidated,
  resultPodOf,
  wasEndedByKubelet,
} from '../../../src/run/ending/verdict.ts';

const T = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

function pod(
  state: ContainerState,
  more: { created?: number; deletedAt?: number; grace?: number; disrupted?: boolean; container?: string } = {},
): Pod {
  return {
    metadata: {
      name: 'p',
      uid: `uid-${more.created ?? 0}`,
      creationTimestamp: T(more.created ?? 0),
      ...(more.deletedAt === undefined
        ? {}
        : { deletionTimestamp: T(more.deletedAt), deletionGracePeriodSeconds: more.grace ?? 30 }),
    },
    status: {
      containerStatuses: [{ name: more.container ?? 'validator', state }],
      ...(more.disrupted === true
        ? { conditions: [{ type: 'DisruptionTarget', status: 'True', message: 'evicted for memory' }] }
        : {}),
    },
  };
}

const ended = (exitCode: number, finished: number, reason = 'Completed'): ContainerState => ({
  terminated: { exitCode, finishedAt: T(finished), reason },
});
const complete: Ending = { kind: 'terminal', started: true, condition: { type: 'Complete', status: 'True' } };

describe('an exit code is a verdict', () => {
  it('when the container ended by itself', () => {
    expect(endedOnItsOwn(pod(ended(1, 10)))).toBe(true);
  });

  it('also when the pod’s deletion was asked for afterwards', () => {
    expect(endedOnItsOwn(pod(ended(0, 10), { deletedAt: 50, grace: 30 }))).toBe(true);
  });

  it('not when it ended after the deletion was asked for, exit 0 or not', () => {
    expect(endedOnItsOwn(pod(ended(0, 25), { deletedAt: 50, grace: 30 }))).toBe(false);
    expect(endedOnItsOwn(pod(ended(143, 25), { deletedAt: 50, grace: 30 }))).toBe(false);
  });

  it('not when both happened in the same second, which nobody can tell apart', () => {
    expect(endedOnItsOwn(pod(ended(0, 20), { deletedAt: 50, grace: 30 }))).toBe(false);
  });

  it('not once the kubelet has let go of the pod, since the grace of 0 hides when its deletion was asked for', () => {
    // As seen on 1.34: deletion asked for at 20 with a grace of 30, ended at 25, let go at 26.
    expect(endedOnItsOwn(pod(ended(0, 25), { deletedAt: 26, grace: 0 }))).toBe(false);
  });

  it('not when the pod was disrupted', () => {
    expect(endedOnItsOwn(pod(ended(0, 10), { disrupted: true }))).toBe(false);
  });

  it('not when its kubelet ended the pod, which nobody deleted then', () => {
    const ending = (reason: string, message?: string): Pod => {
      const one = pod(ended(0, 10));
      return { ...one, status: { ...one.status, phase: 'Failed', reason, ...(message && { message }) } };
    };
    expect(endedOnItsOwn(ending('Evicted'))).toBe(false);
    const late = ending('DeadlineExceeded', 'Pod was active for too long');
    expect(endedOnItsOwn(late)).toBe(false);
    expect(wasInterrupted(late)).toBe(true);
    expect(resultFromInterrupted(late)).toMatchObject({
      exitCode: -1,
      terminationMsg: 'interrupted: the pod was ended by its kubelet (exit code 0)',
      hasLog: true,
    });
    const evidence = 'DeadlineExceeded: Pod was active for too long';
    expect(diagnose(complete, late)).toStrictEqual({ cause: 'interrupted', evidence });
    expect(diagnose(complete, ending('Odd'))).toStrictEqual({ cause: 'interrupted', evidence: 'Odd' });
    const failed = pod(ended(1, 10));
    expect(endedOnItsOwn({ ...failed, status: { ...failed.status, phase: 'Failed' } })).toBe(true);
    expect(endedOnItsOwn({ ...failed, status: { ...failed.status, phase: 'Running', reason: 'NodeLost' } })).toBe(true);
  });

  it('not while it runs, and not of another container', () => {
    expect(endedOnItsOwn(pod({ running: {} }))).toBe(false);
    expect(endedOnItsOwn(pod(ended(0, 1), { container: 'sidecar' }))).toBe(false);
  });
});

it('a validator that was interrupted has ended, and its exit code says nothing', () => {
  const deleted = pod(ended(0, 25), { deletedAt: 50, grace: 30 });
  expect(wasInterrupted(deleted)).toBe(true);
  expect(wasInterrupted(pod(ended(0, 10)))).toBe(false);
  expect(wasInterrupted(pod({ running: {} }, { deletedAt: 50 }))).toBe(false);
  expect(resultFromInterrupted(deleted)).toMatchObject({
    exitCode: -1,
    terminationMsg: 'interrupted: the pod was being deleted when its validator ended (exit code 0)',
  });
});

describe('an eviction that its kubelet hides', () => {
  const image = 'image:1';
  const limits = { 'ephemeral-storage': '1Gi' };
  const limited = [{ name: 'other', image, resources: { limits } }];
  it.each<[string, PodSpec, boolean]>([
    ['a volume with a bound', { containers: [], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Mi' } }] }, true],
    ['a volume without', { containers: [], volumes: [{ name: 'a', emptyDir: {} }, { name: 'b' }] }, false],
    ['a container with a bound', { containers: [{ name: 'validator', image }, ...limited] }, true],
    ['an init container with a bound', { containers: [], initContainers: limited }, true],
    ['other limits', { containers: [{ name: 'validator', image, resources: { limits: { cpu: '1' } } }] }, false],
    ['requests alone', { containers: [{ name: 'validator', image, resources: { requests: limits } }] }, false],
  ])('is possible or not: %s', (_what, spec, expected) => {
    expect(mayHideEviction({ ...pod(ended(0, 10)), spec })).toBe(expected);
    // Without a verdict there is nothing to doubt.
    expect(mayHideEviction({ ...pod(ended(0, 10), { disrupted: true }), spec })).toBe(false);
  });

  it('is impossible where nothing is known of the pod’s spec', () => {
    expect(mayHideEviction(pod(ended(0, 10)))).toBe(false);
  });

  it('is told as every other eviction once an event has told of it', () => {
    const evicted = evictedPod(pod(ended(0, 10)), 'too much of it');
    expect(endedOnItsOwn(evicted)).toBe(false);
    expect(diagnose(complete, evicted)).toStrictEqual({ cause: 'evicted', evidence: 'too much of it' });
  });
});

it('of two pods the one with a verdict tells, else the youngest', () => {
  const older = pod(ended(1, 5), { created: 1 });
  const younger = pod({ running: {} }, { created: 2 });
  expect(resultPodOf([younger, older])).toBe(older);
  expect(resultPodOf([pod({ waiting: {} }, { created: 1 }), younger])).toBe(younger);
  expect(resultPodOf([])).toBeUndefined();
});

it.each<[string, Ending, Pod | undefined, string]>([
  ['completed', complete, pod(ended(1, 10)), 'completed'],
  ['killed for memory', complete, pod(ended(137, 10, 'OOMKilled')), 'oom'],
  ['a command that cannot start', complete, pod(ended(128, 10, 'StartError')), 'start-error'],
  ['ended while it was being deleted', complete, pod(ended(0, 25), { deletedAt: 50 }), 'interrupted'],
  ['evicted', complete, pod(ended(0, 25), { disrupted: true }), 'evicted'],
  ['its Job gone', { kind: 'job-gone', started: false }, undefined, 'job-deleted'],
  ['its Job gone, but the verdict seen', { kind: 'job-gone', started: false }, pod(ended(1, 10)), 'completed'],
  ['still at work', { kind: 'timeout', started: false }, pod({ running: {} }), 'deadline'],
  ['no pod at all', { kind: 'timeout', started: false }, undefined, 'never-started'],
  [
    'an image that is not there',
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
    'no container of that name',
    { kind: 'timeout', started: false },
    pod({ running: {} }, { container: 'main' }),
    'contract-broken',
  ],
  ['its pod gone', complete, undefined, 'pod-deleted'],
])('the cause of %s is named', (_what, ending, seen, cause) => {
  expect(diagnose(ending, seen).cause).toBe(cause);
});

describe('a cause has its evidence', () => {
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
      'what a wait found early',
      { kind: 'early', started: false, finding: { cause: 'unschedulable', evidence } },
      unstarted,
      { cause: 'unschedulable', evidence },
    ],
    [
      'what the kubelet lost track of',
      complete,
      pod({ terminated: { exitCode: 137, finishedAt: T(1), reason: 'ContainerStatusUnknown', message: evidence } }),
      { cause: 'status-unknown', evidence },
    ],
    [
      'a container that its runtime had left running and does not find again, as containerd 1.6 writes it after a reboot',
      complete,
      pod({ terminated: { exitCode: 255, startedAt: T(0), finishedAt: T(1), reason: 'Unknown' } }),
      {
        cause: 'status-unknown',
        evidence: 'its container runtime does not know how it ended, as after a reboot of its node',
      },
    ],
    [
      'a command that cannot start',
      complete,
      pod({ terminated: { exitCode: 128, finishedAt: T(1), reason: 'ContainerCannotRun', message: evidence } }),
      { cause: 'start-error', evidence },
    ],
    [
      'an end after the deletion',
      complete,
      pod(ended(0, 25), { deletedAt: 50 }),
      { cause: 'interrupted', evidence: 'the pod was being deleted when its validator ended' },
    ],
    [
      'a pod that was deleted before its container had ended',
      failed('BackoffLimitExceeded'),
      pod({ running: {} }, { deletedAt: 50 }),
      { cause: 'pod-deleted', evidence },
    ],
    [
      'one that still runs, its Job ended',
      failed('BackoffLimitExceeded'),
      pod({ running: {} }),
      { cause: 'status-unknown', evidence },
    ],
    [
      'one that still runs, its Job out of time',
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
      'one that is being deleted as the time is up',
      timeout,
      pod({ running: {} }, { deletedAt: 50 }),
      { cause: 'deadline' },
    ],
    ['a pod of which no container is known', timeout, { metadata: {}, status: {} }, { cause: 'never-started' }],
    ['a pod that says nothing', timeout, { metadata: {} }, { cause: 'never-started' }],
    ['a container that waits', timeout, unstarted, { cause: 'never-started' }],
    ['a pod gone at its deadline', failed('DeadlineExceeded'), undefined, { cause: 'deadline', evidence }],
    [
      'one whose Job ran out of time while it waited for room',
      { ...failed('DeadlineExceeded'), started: false, trouble: { cause: 'queued', evidence } },
      undefined,
      { cause: 'queued', evidence },
    ],
    [
      'one whose Job ran out of time, and nobody knows what it waited for',
      { ...failed('DeadlineExceeded'), started: false },
      pod({ waiting: {} }, { deletedAt: 50 }),
      { cause: 'never-started' },
    ],
    [
      'a container that was never made, its Job out of time, as the kubelet writes it',
      failed('DeadlineExceeded'),
      pod(unmade, { deletedAt: 50, grace: 0 }),
      { cause: 'never-started' },
    ],
    [
      'one that had started after it was last seen, its Job out of time',
      { ...failed('DeadlineExceeded'), started: false },
      pod({ terminated: { exitCode: 0, startedAt: T(5), finishedAt: T(9) } }, { deletedAt: 50 }),
      { cause: 'completed' },
    ],
    ['a pod gone before', failed('BackoffLimitExceeded'), undefined, { cause: 'pod-deleted', evidence }],
    [
      'a pod gone that was being deleted, its Job failed without an exit code',
      { ...failed('BackoffLimitExceeded'), pod: pod({ running: {} }, { deletedAt: 50 }) },
      undefined,
      { cause: 'pod-deleted', evidence },
    ],
    [
      'a pod gone that nobody was taking away, its Job failed by another container',
      { ...failed('PodFailurePolicy'), pod: pod({ running: {} }) },
      undefined,
      { cause: 'pod-deleted', evidence },
    ],
  ])('%s', (_what, ending, seen, expected) => expect(diagnose(ending, seen)).toStrictEqual(expected));
});

it('reads the exit code from the Job’s own condition, in Kubernetes’ words', () => {
  const failed = (reason: string, message: string): Ending => ({
    kind: 'terminal',
    started: true,
    condition: { type: 'Failed', status: 'True', reason, message },
  });
  const words = 'Container validator for pod ns/aicr-x failed with exit code 2 matching FailJob rule at index 0';
  expect(exitCodeInCondition(failed('PodFailurePolicy', words))).toBe(2);
  expect(exitCodeInCondition(failed('PodFailurePolicy', words.replace('code 2', 'code 137')))).toBe(137);
  expect(exitCodeInCondition(failed('BackoffLimitExceeded', words))).toBeUndefined();
  expect(exitCodeInCondition(failed('PodFailurePolicy', `not: ${words}`))).toBeUndefined();
  expect(exitCodeInCondition({ kind: 'timeout', started: true })).toBeUndefined();
  expect(exitCodeInCondition(failed('PodFailurePolicy', words.replace('validator', 'sidecar')))).toBeUndefined();
  expect(diagnose(failed('PodFailurePolicy', words), undefined).cause).toBe('completed');
});

it('takes no exit code from the condition of a Job whose pod was being taken away when it was last seen', () => {
  const message = 'Container validator for pod ns/aicr-x failed with exit code 1 matching FailJob rule at index 0';
  const failed = (seen: Pod): Ending => ({
    kind: 'terminal',
    started: true,
    pod: seen,
    condition: { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message },
  });
  const deleted = failed(pod({ running: {} }, { deletedAt: 50 }));
  expect(exitCodeInCondition(deleted)).toBeUndefined();
  expect(diagnose(deleted, undefined)).toStrictEqual({ cause: 'interrupted', evidence: message });
  const drained = failed(pod({ running: {} }, { disrupted: true }));
  expect(exitCodeInCondition(drained)).toBeUndefined();
  expect(diagnose(drained, undefined)).toStrictEqual({ cause: 'evicted', evidence: 'evicted for memory' });
  expect(exitCodeInCondition(failed(pod({ running: {} })))).toBe(1);
});

describe('a pod that its kubelet, started anew, refused while it ran', () => {
  const refused = (scheduled: number, initialized: number, startedAt = T(1)): Pod => ({
    metadata: { name: 'p' },
    status: {
      phase: 'Succeeded',
      conditions: [
        { type: 'Initialized', status: 'True', reason: 'PodCompleted', lastTransitionTime: T(initialized) },
        { type: 'PodScheduled', status: 'True', lastTransitionTime: T(scheduled) },
      ],
      containerStatuses: [{ name: 'validator', state: { terminated: { exitCode: 0, startedAt, finishedAt: T(6) } } }],
    },
  });

  it('has no verdict, as 1.34 writes it: only its conditions are younger than its container', () => {
    const seen = refused(7, 7);
    expect(endedOnItsOwn(seen)).toBe(false);
    expect(resultFromInterrupted(seen)).toMatchObject({
      exitCode: -1,
      terminationMsg: 'interrupted: the pod was ended by its kubelet (exit code 0)',
    });
    expect(diagnose(complete, seen)).toMatchObject({
      cause: 'interrupted',
      evidence: expect.stringContaining('refused the pod'),
    });
  });

  it.each<[string, Pod]>([
    ['conditions as old as the container', refused(1, 1)],
    ['a node whose clock is behind the API server’s', refused(7, 1)],
    ['a sidecar that the kubelet was late to tell of', refused(0, 2)],
    ['a command that could not be started', refused(7, 7, '1970-01-01T00:00:00Z')],
  ])('is not seen in %s', (_what, seen) => expect(endedOnItsOwn(seen)).toBe(true));
});

describe('the last word of a kubelet', () => {
  const over = ended(0, 6);
  const told = (phase: PodStatus['phase'], ...states: ContainerState[]): Pod => ({
    metadata: { name: 'p' },
    status: {
      ...(phase && { phase }),
      containerStatuses: states.map((state, i) => ({ name: i === 0 ? 'validator' : `other-${i}`, state })),
    },
  });

  it.each<[string, Pod, { unsettled: boolean; over: boolean }]>([
    [
      'every container ended, its pod still called Running',
      told('Running', over, over),
      { unsettled: true, over: false },
    ],
    ['the same of one called Pending', told('Pending', over), { unsettled: true, over: false }],
    ['a sidecar lives on', told('Running', over, { running: {} }), { unsettled: false, over: true }],
    ['it runs', told('Running', { running: {} }), { unsettled: false, over: false }],
    ['Succeeded', told('Succeeded', over), { unsettled: false, over: true }],
    ['Succeeded, without a word of its containers', told('Succeeded'), { unsettled: false, over: true }],
    ['Failed, without a word of its containers', told('Failed'), { unsettled: false, over: true }],
    ['Running, without a word of its containers', told('Running'), { unsettled: false, over: false }],
    ['without a phase', told(undefined, over), { unsettled: false, over: true }],
    [
      'a container of which nothing is said',
      told('Running', over, undefined as never),
      { unsettled: false, over: true },
    ],
    ['without a status', { metadata: {} }, { unsettled: false, over: false }],
    [
      'without containers in its status',
      { metadata: {}, status: { phase: 'Running' } },
      { unsettled: false, over: false },
    ],
  ])('is said or not: %s', (_what, one, expected) => {
    expect({ unsettled: mayStillBeInvalidated(one), over: hasEnded(one) }).toEqual(expected);
  });

  const disrupted = (reason: string, status: 'True' | 'False' = 'True', type = 'DisruptionTarget'): Pod => ({
    metadata: {},
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type, status, reason },
      ],
    },
  });
  it.each<[string, Pod, boolean]>([
    ['its condition', disrupted('TerminationByKubelet'), true],
    ['its reason', { metadata: {}, status: { phase: 'Failed', reason: 'Evicted' } }, true],
    ['another’s condition', disrupted('EvictionByEvictionAPI'), false],
    ['a condition that is not so', disrupted('TerminationByKubelet', 'False'), false],
    ['another condition', disrupted('TerminationByKubelet', 'True', 'Other'), false],
    ['no condition', { metadata: {}, status: {} }, false],
    ['nothing', { metadata: {} }, false],
  ])('is that it ended the pod itself, by %s', (_what, one, expected) => {
    expect(wasEndedByKubelet(one)).toBe(expected);
  });
});
