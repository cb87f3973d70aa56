import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '../../../src/kubernetes/types.ts';
import { startProblemOf } from '../../../src/run/ending/start-problem.ts';

const pod = (status: Pod['status'] & object): Pod => ({ metadata: { name: 'p' }, status });
const validator = (status: Partial<ContainerStatus>): Pod =>
  pod({ containerStatuses: [{ name: 'validator', ...status }] });

describe('startProblemOf', () => {
  const init = (exitCode: number, message?: string) => ({
    name: 'wait',
    state: { terminated: { exitCode, ...(message !== undefined && { message }) } },
  });

  it('reports a failed init container with its message', () => {
    const evidence = 'init container wait ended with exit code 3';
    expect(startProblemOf(pod({ initContainerStatuses: [init(0), init(3)] }))).toStrictEqual({
      cause: 'init-failed',
      evidence,
    });
    expect(startProblemOf(pod({ initContainerStatuses: [init(3, 'no')] }))?.evidence).toBe(`${evidence}: no`);
  });

  it('ignores an init container that runs, waits or has succeeded', () => {
    const others = [init(0), { name: 'b', state: { running: {} } }, { name: 'c', state: {} }, { name: 'd' }];
    expect(startProblemOf(pod({ initContainerStatuses: others }))).toBeUndefined();
  });

  it('reports a pod that its kubelet refused before it created a container', () => {
    const refused = { phase: 'Failed' as const, reason: 'OutOfcpu', message: 'no room' };
    expect(startProblemOf(pod(refused))).toStrictEqual({ cause: 'admission-refused', evidence: 'OutOfcpu: no room' });
    expect(startProblemOf(pod({ ...refused, containerStatuses: [] }))?.cause).toBe('admission-refused');
    expect(startProblemOf(pod({ phase: 'Failed', reason: 'OutOfcpu' }))?.evidence).toBe('OutOfcpu');
    expect(startProblemOf(pod({ ...refused, containerStatuses: [{ name: 'validator' }] }))).toBeUndefined();
    expect(startProblemOf(pod({ ...refused, phase: 'Pending' }))).toBeUndefined();
  });

  it('reports an image or a container that the kubelet cannot provide, with its message or else its reason', () => {
    const waits = (reason?: string, message?: string) =>
      startProblemOf(validator({ state: { waiting: { ...(reason && { reason }), ...(message && { message }) } } }));
    for (const reason of ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])
      expect(waits(reason)).toStrictEqual({ cause: 'image-pull', evidence: reason });
    for (const reason of ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])
      expect(waits(reason, 'words')).toStrictEqual({ cause: 'config-error', evidence: 'words' });
    expect(waits('ContainerCreating')).toBeUndefined();
    expect(waits()).toBeUndefined();
    expect(startProblemOf(validator({}))).toBeUndefined();
    expect(startProblemOf({ metadata: {} })).toBeUndefined();
  });

  it('reports a pod that waits for a node or for a scheduling gate', () => {
    const placed = (status: 'True' | 'False', reason: string) =>
      startProblemOf(
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
