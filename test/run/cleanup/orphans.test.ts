import { expect, it } from 'vitest';
import { describeObject, type MarkedObject, markedObject, runsOf, toRemove } from '../../../src/run/cleanup/orphans.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const RULES = { nowMs: NOW, minAgeMs: HOUR };

const object = (kind: MarkedObject['kind'], name: string, more: Partial<MarkedObject> = {}): MarkedObject => ({
  kind,
  name,
  uid: name,
  createdMs: NOW - 10 * HOUR,
  workflowId: 'w',
  workflowRunId: 'r',
  deleting: false,
  ...more,
});

const run = (...objects: MarkedObject[]) => ({ workflowId: 'w', workflowRunId: 'r', objects });
const names = (objects: MarkedObject[]) => objects.map(({ name }) => name);

it('removes Jobs first, the binding before the ServiceAccount, and the anchor last', () => {
  const objects = [
    object('ConfigMap', 'proctor-run'),
    object('ConfigMap', 'proctor-result-x'),
    object('ServiceAccount', 'sa'),
    object('ClusterRoleBinding', 'crb'),
    object('ConfigMap', 'aicr-snapshot-run'),
    object('Job', 'job'),
  ];
  expect(names(toRemove(run(...objects), 'closed', RULES))).toEqual([
    'job',
    'crb',
    'sa',
    'proctor-result-x',
    'aicr-snapshot-run',
    'proctor-run',
  ]);
});

it('takes nothing but a ConfigMap for the anchor', () => {
  const objects = [object('ServiceAccount', 'sa'), object('Job', 'proctor-run')];
  expect(names(toRemove(run(...objects), 'closed', RULES))).toEqual(['proctor-run', 'sa']);
});

it('removes nothing of an open run', () => {
  expect(toRemove(run(object('Job', 'job')), 'open', RULES)).toEqual([]);
});

it('leaves an unknown run alone while any object of it is young', () => {
  const young = object('Job', 'young', { createdMs: NOW - HOUR + 1 });
  expect(toRemove(run(object('Job', 'old'), young), 'unknown', RULES)).toEqual([]);
  expect(names(toRemove(run(object('Job', 'old')), 'unknown', RULES))).toEqual(['old']);
  const grown = object('Job', 'grown', { createdMs: NOW - HOUR });
  expect(names(toRemove(run(grown), 'unknown', RULES))).toEqual(['grown']);
  expect(names(toRemove(run(young), 'closed', RULES))).toEqual(['young']);
});

it('leaves a report until it has expired, and for ever one whose expiry cannot be read', () => {
  const report = (expiresMs: number) => object('ConfigMap', 'report', { expiresMs });
  expect(toRemove(run(report(NOW + 1)), 'closed', RULES)).toEqual([]);
  expect(toRemove(run(report(Number.NaN)), 'closed', RULES)).toEqual([]);
  expect(names(toRemove(run(report(NOW)), 'closed', RULES))).toEqual(['report']);
});

it('leaves what was kept until it has expired, with what its anchor owns; but no role, and no Job that does not say so itself', () => {
  const kept = (expiresMs: number) => [
    object('ConfigMap', 'proctor-run', { expiresMs }),
    object('ConfigMap', 'aicr-snapshot-run', { owners: ['proctor-run'] }),
    object('ConfigMap', 'another-run', { owners: ['another'] }),
    object('Job', 'kept', { owners: ['proctor-run'], expiresMs }),
    object('Job', 'lost', { owners: ['proctor-run'] }),
    object('ServiceAccount', 'sa', { owners: ['proctor-run'] }),
    object('ClusterRoleBinding', 'crb', { expiresMs }),
  ];
  expect(names(toRemove(run(...kept(NOW + 1)), 'closed', RULES))).toEqual(['lost', 'crb', 'sa', 'another-run']);
  expect(names(toRemove(run(...kept(NOW)), 'closed', RULES))).toEqual([
    'kept',
    'lost',
    'crb',
    'sa',
    'aicr-snapshot-run',
    'another-run',
    'proctor-run',
  ]);
});

it('does not count as kept what is on its way already', () => {
  const gone = object('Job', 'gone', { expiresMs: NOW + 1, deleting: true });
  expect(names(toRemove(run(gone), 'closed', RULES))).toEqual(['gone']);
});

it('tells runs apart, and leaves out what does not say whose it is', () => {
  const { workflowId: _, ...nobodys } = object('Job', 'nobodys');
  const { workflowRunId: __, ...halfMarked } = object('Job', 'half-marked');
  const runs = runsOf([
    object('Job', 'a'),
    object('Job', 'b', { workflowRunId: 'r2' }),
    object('ConfigMap', 'c'),
    nobodys,
    halfMarked,
  ]);
  expect(runs.map(({ workflowRunId, objects }) => [workflowRunId, names(objects)])).toEqual([
    ['r', ['a', 'c']],
    ['r2', ['b']],
  ]);
});

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

it('reads what has no marks, and what is on its way out', () => {
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

it('names an object by its kind and where it is', () => {
  expect(describeObject(object('Job', 'j', { namespace: 'ns' }))).toBe('Job/ns/j');
  expect(describeObject(object('ClusterRoleBinding', 'b'))).toBe('ClusterRoleBinding/b');
});

it('takes a role back, whatever its marks say of an expiry', () => {
  const kept = { expiresMs: NOW + 1 };
  const objects = [
    object('ServiceAccount', 'sa', kept),
    object('ClusterRoleBinding', 'crb', kept),
    object('Job', 'job', kept),
  ];
  expect(names(toRemove(run(...objects), 'closed', RULES))).toEqual(['crb', 'sa']);
});
