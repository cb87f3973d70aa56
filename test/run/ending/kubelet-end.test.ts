import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import { diagnose } from '../../../src/run/ending/diagnosis.ts';
import { resultFromInterrupted } from '../../../src/run/ending/interrupted.ts';
import { wasEndedByKubelet } from '../../../src/run/ending/kubelet-end.ts';
import { endedOnItsOwn } from '../../../src/run/ending/verdict.ts';
import { complete, T } from './pods.ts';

describe('a running pod that its restarted kubelet refused', () => {
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

  it('has no verdict if both conditions are younger than its container, as Kubernetes 1.34 writes them', () => {
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
    ['a sidecar that the kubelet reported late', refused(0, 2)],
    ['a command that could not be started', refused(7, 7, '1970-01-01T00:00:00Z')],
  ])('is not mistaken for %s', (_what, seen) => expect(endedOnItsOwn(seen)).toBe(true));
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
  ['the kubelet’s condition', disrupted('TerminationByKubelet'), true],
  ['the reason Evicted', { metadata: {}, status: { phase: 'Failed', reason: 'Evicted' } }, true],
  ['the condition of another component', disrupted('EvictionByEvictionAPI'), false],
  ['a condition with status False', disrupted('TerminationByKubelet', 'False'), false],
  ['another condition', disrupted('TerminationByKubelet', 'True', 'Other'), false],
  ['no condition', { metadata: {}, status: {} }, false],
  ['no status', { metadata: {} }, false],
])('wasEndedByKubelet reads %s', (_what, one, expected) => {
  expect(wasEndedByKubelet(one)).toBe(expected);
});
