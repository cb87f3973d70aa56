import { describe, expect, it } from 'vitest';
import type { ContainerState, Pod, PodStatus } from '../../../src/kubernetes/types.ts';
import { diagnose } from '../../../src/run/ending/diagnosis.ts';
import { resultFromInterrupted, wasInterrupted } from '../../../src/run/ending/interrupted.ts';
import { endedOnItsOwn, hasEnded, mayStillBeInvalidated } from '../../../src/run/ending/verdict.ts';
import { complete, ended, pod } from './pods.ts';

describe('endedOnItsOwn', () => {
  it('counts the exit code of a container that ended by itself', () => {
    expect(endedOnItsOwn(pod(ended(1, 10)))).toBe(true);
  });

  it('counts an exit code from before the pod’s deletion was requested', () => {
    expect(endedOnItsOwn(pod(ended(0, 10), { deletedAt: 50, grace: 30 }))).toBe(true);
  });

  it('rejects any exit code from after the deletion was requested, 0 included', () => {
    expect(endedOnItsOwn(pod(ended(0, 25), { deletedAt: 50, grace: 30 }))).toBe(false);
    expect(endedOnItsOwn(pod(ended(143, 25), { deletedAt: 50, grace: 30 }))).toBe(false);
  });

  it('rejects an exit code from the second in which the deletion was requested', () => {
    expect(endedOnItsOwn(pod(ended(0, 20), { deletedAt: 50, grace: 30 }))).toBe(false);
  });

  it('rejects an exit code after the kubelet has set the grace period to 0, which hides when the deletion was requested', () => {
    // As seen on Kubernetes 1.34: deletion requested at 20 with a grace period of 30, ended at 25, deleted by the
    // kubelet at 26.
    expect(endedOnItsOwn(pod(ended(0, 25), { deletedAt: 26, grace: 0 }))).toBe(false);
  });

  it('rejects the exit code of a disrupted pod', () => {
    expect(endedOnItsOwn(pod(ended(0, 10), { disrupted: true }))).toBe(false);
  });

  it('rejects the exit code of a pod that its kubelet ended', () => {
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

  it('is false while the validator runs, and ignores other containers', () => {
    expect(endedOnItsOwn(pod({ running: {} }))).toBe(false);
    expect(endedOnItsOwn(pod(ended(0, 1), { container: 'sidecar' }))).toBe(false);
  });
});

describe('a pod’s status', () => {
  const over = ended(0, 6);
  const podIn = (phase: PodStatus['phase'], ...states: ContainerState[]): Pod => ({
    metadata: { name: 'p' },
    status: {
      ...(phase && { phase }),
      containerStatuses: states.map((state, i) => ({ name: i === 0 ? 'validator' : `other-${i}`, state })),
    },
  });

  it.each<[string, Pod, { unsettled: boolean; over: boolean }]>([
    ['all containers ended, phase Running', podIn('Running', over, over), { unsettled: true, over: false }],
    ['all containers ended, phase Pending', podIn('Pending', over), { unsettled: true, over: false }],
    ['a sidecar still runs', podIn('Running', over, { running: {} }), { unsettled: false, over: true }],
    ['the validator runs', podIn('Running', { running: {} }), { unsettled: false, over: false }],
    ['Succeeded', podIn('Succeeded', over), { unsettled: false, over: true }],
    ['Succeeded, without container statuses', podIn('Succeeded'), { unsettled: false, over: true }],
    ['Failed, without container statuses', podIn('Failed'), { unsettled: false, over: true }],
    ['Running, with empty container statuses', podIn('Running'), { unsettled: false, over: false }],
    ['no phase', podIn(undefined, over), { unsettled: false, over: true }],
    ['a container without a state', podIn('Running', over, undefined as never), { unsettled: false, over: true }],
    ['no status', { metadata: {} }, { unsettled: false, over: false }],
    [
      'Running, without container statuses',
      { metadata: {}, status: { phase: 'Running' } },
      { unsettled: false, over: false },
    ],
  ])('is final or may still invalidate the verdict: %s', (_what, one, expected) => {
    expect({ unsettled: mayStillBeInvalidated(one), over: hasEnded(one) }).toEqual(expected);
  });
});

describe('a container that ended by itself', () => {
  const ended = (conditions: NonNullable<Pod['status']>['conditions'] = []): Pod => ({
    metadata: { name: 'p' },
    status: {
      containerStatuses: [
        { name: 'validator', state: { terminated: { exitCode: 0, finishedAt: '2026-01-01T00:00:05Z' } } },
      ],
      conditions,
    },
  });

  it('keeps its verdict unless its pod has a disruption condition that is True', () => {
    const disrupted = (status: 'True' | 'False') => ({ type: 'DisruptionTarget', status }) as const;
    const ready = { type: 'Ready', status: 'True' } as const;
    expect(endedOnItsOwn(ended([ready, { type: 'PodScheduled', status: 'False' }]))).toBe(true);
    expect(endedOnItsOwn(ended([disrupted('False')]))).toBe(true);
    expect(endedOnItsOwn(ended([ready, disrupted('True')]))).toBe(false);
  });
});
