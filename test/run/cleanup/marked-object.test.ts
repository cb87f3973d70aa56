import { expect, it } from 'vitest';
import { describeObject, markedObject } from '../../../src/run/cleanup/marked-object.ts';

it('reads an object’s marks', () => {
  const metadata = {
    name: 'n',
    namespace: 'ns',
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'proctor.run/workflow-run-id': 'r' },
    annotations: { 'proctor.run/workflow-id': 'w', 'proctor.run/expires': '2026-01-08T00:00:00Z' },
  };
  expect(markedObject('Job', { metadata })).toEqual({
    kind: 'Job',
    name: 'n',
    namespace: 'ns',
    uid: 'u',
    createdMs: Date.UTC(2026, 0, 1),
    workflowId: 'w',
    workflowRunId: 'r',
    expiresMs: Date.UTC(2026, 0, 8),
    deleting: false,
  });
});

it('reads an object without marks, an owner, and a deletion', () => {
  expect(markedObject('ConfigMap', { metadata: {} })).toStrictEqual({
    kind: 'ConfigMap',
    name: '',
    uid: '',
    createdMs: 0,
    deleting: false,
  });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'owner' }];
  expect(markedObject('Job', { metadata: { ownerReferences } })).toMatchObject({ owners: ['owner'] });
  const metadata = { labels: {}, annotations: {}, deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(markedObject('Job', { metadata })).toMatchObject({ deleting: true });
});

const bare = { uid: 'u', createdMs: 0, deleting: false };

it('describes an object by kind, namespace and name', () => {
  expect(describeObject({ ...bare, kind: 'Job', name: 'j', namespace: 'ns' })).toBe('Job/ns/j');
  expect(describeObject({ ...bare, kind: 'ClusterRoleBinding', name: 'b' })).toBe('ClusterRoleBinding/b');
});
