import { expect, it } from 'vitest';
import { resultPodOf } from '../../../src/run/ending/result-pod.ts';
import { ended, pod } from './pods.ts';

it('reads the result from the pod with a verdict, otherwise from the youngest', () => {
  const older = pod(ended(1, 5), { created: 1 });
  const younger = pod({ running: {} }, { created: 2 });
  expect(resultPodOf([younger, older])).toBe(older);
  expect(resultPodOf([pod({ waiting: {} }, { created: 1 }), younger])).toBe(younger);
  expect(resultPodOf([])).toBeUndefined();
});
