import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import { disruptionOf } from '../../../src/run/ending/pod-removal.ts';

const pod = (status: Pod['status'] & object): Pod => ({ metadata: { name: 'p' }, status });

describe('disruptionOf', () => {
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
  ])('maps the reason %s to %s', (reason, cause) =>
    expect(disrupted(reason)).toStrictEqual({ cause, evidence: 'words' }),
  );

  it('ignores a condition with status False', () =>
    expect(disrupted('PreemptionByScheduler', 'False')).toBeUndefined());

  it('falls back to the pod’s own reason Evicted', () => {
    expect(disruptionOf(pod({ reason: 'Evicted', message: 'low on memory' }))).toStrictEqual({
      cause: 'evicted',
      evidence: 'low on memory',
    });
    expect(disruptionOf(pod({ reason: 'NodeAffinity', message: 'no' }))).toBeUndefined();
    expect(disruptionOf({ metadata: {} })).toBeUndefined();
  });
});
