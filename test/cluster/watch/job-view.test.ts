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

it('takes back what looked like a verdict once the kubelet says that it ended the pod: it says so last of all', () => {
  const unsaid = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(unsaid, evicted).pods).toEqual([evicted]);
});

it('sees a verdict settled once the kubelet says that the pod has ended', () => {
  const unsaid = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  const said = pod({ phase: 'Succeeded', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(unsaid, said).pods).toEqual([said]);
});

it('keeps a verdict of a pod in which another container lived on, whatever ends that', () => {
  const containerStatuses = [
    { name: 'validator', ...ended },
    { name: 'sidecar', ...running },
  ];
  const verdict = pod({ phase: 'Running', containerStatuses });
  expect(view(verdict, evicted).pods).toEqual([verdict]);
});

it('keeps a verdict of a pod that has ended for good, or that somebody else takes away', () => {
  const verdict = pod({ phase: 'Succeeded', containerStatuses: [{ name: 'validator', ...ended }] });
  expect(view(verdict, evicted).pods).toEqual([verdict]);
  const unsaid = pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...ended }] });
  const drained = pod({
    ...evicted.status,
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
  });
  expect(view(unsaid, drained).pods).toEqual([unsaid]);
});

it('knows of a pod that it had started, also when its kubelet has taken its containers off it and refused it', () => {
  const refused = pod({ phase: 'Failed', reason: 'UnexpectedAdmissionError' });
  const one = view(pod({ phase: 'Running', containerStatuses: [{ name: 'validator', ...running }] }), refused);
  expect(one.pods).toEqual([refused]);
  expect([...one.startedPods]).toEqual(['p1']);
  expect([...view(refused).startedPods]).toEqual([]);
});
