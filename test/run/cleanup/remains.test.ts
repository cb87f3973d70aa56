import { expect, it } from 'vitest';
import { blockersFirst, describeRemaining, type Remaining } from '../../../src/run/cleanup/remains.ts';

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
    `Pod/x is still there: finalizer example.com/hold; the controller that set it has to remove it, or by hand: kubectl patch pod x -n ns --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ],
  [
    'a node that does not answer',
    object('Pod', {}, { nodeName: 'n1' }),
    `Pod/x is still there: node n1 has not confirmed its end, due at ${deletionTimestamp}; check the node, or by hand: kubectl delete pod x -n ns --force`,
  ],
  [
    'two finalizers',
    object('Pod', { finalizers: ['a/b', 'c/d'] }),
    `Pod/x is still there: finalizer a/b, c/d; the controller that set it has to remove it, or by hand: kubectl patch pod x -n ns --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ],
  [
    'a pod without a node',
    object('Pod', {}, {}),
    `Pod/x is still there: its end is not confirmed, due at ${deletionTimestamp}; check the node, or by hand: kubectl delete pod x -n ns --force`,
  ],
  [
    'a deletion without a finalizer or node',
    object('ConfigMap', {}),
    `ConfigMap/x is still there: its end is not confirmed, due at ${deletionTimestamp}; check the node, or by hand: kubectl delete configmap x -n ns --force`,
  ],
  [
    'the objects that it owns',
    object('Job', { finalizers: ['foregroundDeletion'] }),
    'Job/x is still there: it waits until the objects that it owns are gone',
  ],
  [
    'nothing',
    { kind: 'ClusterRoleBinding', metadata: { name: 'x' } },
    'ClusterRoleBinding/x is still there: its deletion was not requested, or the request failed; kubectl delete clusterrolebinding x',
  ],
])('says what to do about an object that is blocked by %s', (_what, remaining, text) => {
  expect(describeRemaining(remaining)).toBe(text);
});

it('sorts objects that block others before those that only wait', () => {
  const waits = object('Job', { finalizers: ['foregroundDeletion'] });
  const holds = object('Pod', { finalizers: ['foregroundDeletion', 'example.com/hold'] });
  expect([waits, holds].sort(blockersFirst)).toEqual([holds, waits]);
});

it('cuts its text to 500 characters', () => {
  const finalizers = Array.from({ length: 100 }, (_, i) => `example.com/hold-${i}`);
  expect(describeRemaining(object('Pod', { finalizers })).length).toBeLessThanOrEqual(500);
});
