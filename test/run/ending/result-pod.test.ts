import { expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import { resultPodOf } from '../../../src/run/ending/result-pod.ts';
import { ended, pod } from './pods.ts';

it('reads the result from the pod with a verdict, otherwise from the youngest', () => {
  const older = pod(ended(1, 5), { created: 1 });
  const younger = pod({ running: {} }, { created: 2 });
  expect(resultPodOf([younger, older])).toBe(older);
  expect(resultPodOf([pod({ waiting: {} }, { created: 1 }), younger])).toBe(younger);
  expect(resultPodOf([])).toBeUndefined();
});

it('treats a pod of unknown age as the oldest', () => {
  const running = (name: string, more: object = {}): Pod => ({
    metadata: { name, ...more },
    status: { containerStatuses: [{ name: 'validator', state: { running: {} } }] },
  });
  const known = running('known', { creationTimestamp: '2026-01-01T00:00:01Z' });
  const unknown = running('unknown');
  expect(resultPodOf([unknown, known])).toBe(known);
  expect(resultPodOf([known, unknown])).toBe(known);
});
