import { expect, it } from 'vitest';
import { LiveJobView } from '../../../src/cluster/watch/job-view.ts';
import type { Pod, PodStatus } from '../../../src/kubernetes/types.ts';

const startedAt = '2026-01-01T00:00:00Z';
const finishedAt = '2026-01-01T00:00:09Z';
const running = { state: { running: { startedAt } } };
const ended = { state: { terminated: { exitCode: 0, startedAt, finishedAt } } };

const pod = (status: PodStatus): Pod => ({ metadata: { name: 'p', uid: 'p1' }, status });
const evicted = pod({
  phase: 'Succeeded',
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }],
  containerStatuses: [{ name: 'validator', ...ended }],
});

function view(...seen: Pod[]): LiveJobView {
  const context = { failure: () => undefined, hasScheduledSiblings: () => false };
  const one = new LiveJobView(undefined, [], context, () => undefined);
  for (const each of seen) one.setPod(each);
  return one;
}

it('replaces a verdict if the kubelet reports later that it ended the pod', () => {
  const unconfirmed = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(unconfirmed, evicted).pods).toEqual([evicted]);
});

it('confirms a verdict when the kubelet reports that the pod has ended', () => {
  const unconfirmed = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  const confirmed = pod({ phase: 'Succeeded', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(unconfirmed, confirmed).pods).toEqual([confirmed]);
});

it('keeps a verdict if the kubelet ends the pod while only another container runs', () => {
  const containerStatuses = [
    { name: 'validator', ...ended },
    { name: 'sidecar', ...running },
  ];
  const verdict = pod({ phase: 'Running', containerStatuses });
  expect(view(verdict, evicted).pods).toEqual([verdict]);
});

it('keeps a verdict if the pod has ended, or something other than the kubelet deletes it', () => {
  const verdict = pod({ phase: 'Succeeded', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(verdict, evicted).pods).toEqual([verdict]);
  const unconfirmed = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  const drained = pod({
    ...evicted.status,
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
  });
  expect(view(unconfirmed, drained).pods).toEqual([unconfirmed]);
});

it('remembers that a pod had started after its kubelet has removed its containers and refused it', () => {
  const refused = pod({ phase: 'Failed', reason: 'UnexpectedAdmissionError' });
  const one = view(pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...running }] }), refused);
  expect(one.pods).toEqual([refused]);
  expect([...one.startedPods]).toEqual(['p1']);
  expect([...view(refused).startedPods]).toEqual([]);
});
