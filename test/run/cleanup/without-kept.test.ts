import { expect, it } from 'vitest';
import type { ObjectMeta } from '../../../src/kubernetes/types.ts';
import type { Remaining } from '../../../src/run/cleanup/remains.ts';
import { withoutKept } from '../../../src/run/cleanup/without-kept.ts';
import { EXPIRES_ANNOTATION } from '../../../src/run/marks.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const expires = (at: string) => ({ annotations: { [EXPIRES_ANNOTATION]: at } });
const later = expires('2026-01-02T00:00:00Z');
const expired = expires('2025-12-31T00:00:00Z');
const object = (kind: string, uid: string, metadata: ObjectMeta = {}): Remaining => ({
  kind,
  metadata: { name: uid, uid, ...metadata },
});
const ownedBy = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'Job', name: uid, uid }] });
const remains = (...found: Remaining[]) => withoutKept(found, NOW_MS).map(({ metadata }) => metadata.uid);

it('leaves out a Job that has not expired, and its pods', () => {
  expect(remains(object('Job', 'j', later), object('Pod', 'p', ownedBy('j')))).toEqual([]);
});

it.each<[string, ObjectMeta]>([
  ['has expired', expired],
  ['has no expiry', {}],
  ['is being deleted', { ...later, deletionTimestamp: '2026-01-01T00:00:00Z' }],
])('names a Job that %s, and its pods', (_, metadata) => {
  expect(remains(object('Job', 'j', metadata), object('Pod', 'p', ownedBy('j')))).toEqual(['j', 'p']);
});

it('names a pod that is being deleted although its Job is kept', () => {
  const metadata = { ...ownedBy('j'), deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(remains(object('Job', 'j', later), object('Pod', 'p', metadata))).toEqual(['p']);
});

it('names a pod without an owner', () => {
  expect(remains(object('Job', 'j', later), object('Pod', 'p'))).toEqual(['p']);
});

it('leaves out a ConfigMap whose anchor is kept, but never a role binding', () => {
  const owned = ownedBy('anchor');
  expect(
    remains(
      object('ConfigMap', 'anchor', later),
      object('ConfigMap', 'result', owned),
      object('ClusterRoleBinding', 'binding', { ...owned, ...later }),
    ),
  ).toEqual(['binding']);
});
