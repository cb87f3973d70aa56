import { expect, it } from 'vitest';
import { describeRemaining, holdersFirst, type Remaining } from '../../../src/run/cleanup/remains.ts';

const deletionTimestamp = '2026-11-22T12:00:00Z';
const object = (kind: string, more: Partial<Remaining['metadata']>, spec?: Remaining['spec']): Remaining => ({
  kind,
  metadata: { name: 'x', namespace: 'ns', deletionTimestamp, ...more },
  ...(spec && { spec }),
});

it.each([
  [
    'a foreign finalizer',
    object('Pod', { finalizers: ['example.com/hold'] }),
    `Pod/x is still there: finalizer example.com/hold; whoever set it has to let go, or by hand: kubectl patch pod x -n ns --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ],
  [
    'a node that says nothing',
    object('Pod', {}, { nodeName: 'n1' }),
    `Pod/x is still there: node n1 has not confirmed its end, due at ${deletionTimestamp}; see to the node, or by hand: kubectl delete pod x -n ns --force`,
  ],
  [
    'two finalizers',
    object('Pod', { finalizers: ['a/b', 'c/d'] }),
    `Pod/x is still there: finalizer a/b, c/d; whoever set it has to let go, or by hand: kubectl patch pod x -n ns --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ],
  [
    'a pod without a node',
    object('Pod', {}, {}),
    `Pod/x is still there: nobody has confirmed its end, due at ${deletionTimestamp}; see to the node, or by hand: kubectl delete pod x -n ns --force`,
  ],
  [
    'an object that no node has to do with',
    object('ConfigMap', {}),
    `ConfigMap/x is still there: nobody has confirmed its end, due at ${deletionTimestamp}; see to the node, or by hand: kubectl delete configmap x -n ns --force`,
  ],
  [
    'what it owns',
    object('Job', { finalizers: ['foregroundDeletion'] }),
    'Job/x is still there: it waits for what it owns to be gone',
  ],
  [
    'nobody',
    { kind: 'ClusterRoleBinding', metadata: { name: 'x' } },
    'ClusterRoleBinding/x is still there: its deletion was not asked for, or did not get through; kubectl delete clusterrolebinding x',
  ],
])('says what to do about an object that is held by %s', (_what, remaining, text) => {
  expect(describeRemaining(remaining)).toBe(text);
});

it('names what holds the others before what only waits', () => {
  const waits = object('Job', { finalizers: ['foregroundDeletion'] });
  const holds = object('Pod', { finalizers: ['foregroundDeletion', 'example.com/hold'] });
  expect([waits, holds].sort(holdersFirst)).toEqual([holds, waits]);
});

it('is bounded, however many finalizers there are', () => {
  const finalizers = Array.from({ length: 100 }, (_, i) => `example.com/hold-${i}`);
  expect(describeRemaining(object('Pod', { finalizers })).length).toBeLessThanOrEqual(500);
});
