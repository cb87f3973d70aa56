import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/kubernetes/types.ts';
import { diagnose } from '../../../src/run/ending/diagnosis.ts';
import { evictedPod, mayHideEviction } from '../../../src/run/ending/hidden-eviction.ts';
import { endedOnItsOwn } from '../../../src/run/ending/verdict.ts';
import { complete, ended, pod } from './pods.ts';

describe('a hidden eviction', () => {
  const image = 'image:1';
  const limits = { 'ephemeral-storage': '1Gi' };
  const limited = [{ name: 'other', image, resources: { limits } }];
  it.each<[string, PodSpec, boolean]>([
    ['a volume with a size limit', { containers: [], volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Mi' } }] }, true],
    ['a volume without a size limit', { containers: [], volumes: [{ name: 'a', emptyDir: {} }, { name: 'b' }] }, false],
    ['a container with a storage limit', { containers: [{ name: 'validator', image }, ...limited] }, true],
    ['an init container with a storage limit', { containers: [], initContainers: limited }, true],
    ['other limits', { containers: [{ name: 'validator', image, resources: { limits: { cpu: '1' } } }] }, false],
    ['only requests', { containers: [{ name: 'validator', image, resources: { requests: limits } }] }, false],
  ])('is possible only with a storage limit: %s', (_what, spec, expected) => {
    expect(mayHideEviction({ ...pod(ended(0, 10)), spec })).toBe(expected);
    // Without a verdict there is nothing to doubt.
    expect(mayHideEviction({ ...pod(ended(0, 10), { disrupted: true }), spec })).toBe(false);
  });

  it('is ruled out for a pod without a spec', () => {
    expect(mayHideEviction(pod(ended(0, 10)))).toBe(false);
  });

  it('is diagnosed like other evictions once an event reports it', () => {
    const evicted = evictedPod(pod(ended(0, 10)), 'too much of it');
    expect(endedOnItsOwn(evicted)).toBe(false);
    expect(diagnose(complete, evicted)).toStrictEqual({ cause: 'evicted', evidence: 'too much of it' });
  });
});
