import { expect, it } from 'vitest';
import { selectResultPod } from '../../src/activities/select-result-pod.ts';
import type { Pod } from '../../src/kubernetes/types.ts';
import { json, only, status } from '../fakes/fake-api-server.ts';
import { answering, input, passed } from './result-scene.ts';

const never = new AbortController().signal;

it('accepts a verdict that may hide an eviction if the worker may not read events', async () => {
  const { cluster } = await answering(only('GET', /events$/, status(403, 'Forbidden', 'events is forbidden')));
  expect(await selectResultPod(cluster, input, never)).toBe(passed);
});

it('reads the pod again if the kubelet could still invalidate the verdict that the wait saw', async () => {
  const unsettled: Pod = { ...passed, spec: { containers: [] }, status: { ...passed.status, phase: 'Running' } };
  const evicted: Pod = { ...unsettled, status: { ...passed.status, phase: 'Failed', reason: 'Evicted' } };
  const asked = { ...input, ending: { ...input.ending, pod: unsettled } };
  const listing = (items: Pod[]) => only('GET', /pods$/, json(200, { metadata: { resourceVersion: '1' }, items }));
  const { cluster } = await answering(listing([evicted]));
  expect(await selectResultPod(cluster, asked, never)).toEqual(evicted);
  const { cluster: without } = await answering(listing([]));
  expect(await selectResultPod(without, asked, never)).toBe(unsettled);
});
