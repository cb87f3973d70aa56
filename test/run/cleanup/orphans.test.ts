import { expect, it } from 'vitest';
import type { MarkedObject } from '../../../src/run/cleanup/marked-object.ts';
import { groupByRun, objectsToRemove } from '../../../src/run/cleanup/orphans.ts';
import { asFirstRunId, asWorkflowId } from '../../../src/run/ids.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const RULES = { nowMs: NOW, minAgeMs: HOUR };

const object = (kind: MarkedObject['kind'], name: string, more: Partial<MarkedObject> = {}): MarkedObject => ({
  kind,
  name,
  uid: name,
  createdMs: NOW - 10 * HOUR,
  workflowId: asWorkflowId('w'),
  workflowRunId: asFirstRunId('r'),
  deleting: false,
  ...more,
});

const run = (...objects: MarkedObject[]) => ({
  workflowId: asWorkflowId('w'),
  workflowRunId: asFirstRunId('r'),
  objects,
});
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
  expect(names(objectsToRemove(run(...objects), 'closed', RULES))).toEqual([
    'job',
    'crb',
    'sa',
    'proctor-result-x',
    'aicr-snapshot-run',
    'proctor-run',
  ]);
});

it('treats only a ConfigMap as the anchor', () => {
  const objects = [object('ServiceAccount', 'sa'), object('Job', 'proctor-run')];
  expect(names(objectsToRemove(run(...objects), 'closed', RULES))).toEqual(['proctor-run', 'sa']);
});

it('removes nothing from an open run', () => {
  expect(objectsToRemove(run(object('Job', 'job')), 'open', RULES)).toEqual([]);
});

it('removes nothing from an unknown run while any of its objects is young', () => {
  const young = object('Job', 'young', { createdMs: NOW - HOUR + 1 });
  expect(objectsToRemove(run(object('Job', 'old'), young), 'unknown', RULES)).toEqual([]);
  expect(names(objectsToRemove(run(object('Job', 'old')), 'unknown', RULES))).toEqual(['old']);
  const grown = object('Job', 'grown', { createdMs: NOW - HOUR });
  expect(names(objectsToRemove(run(grown), 'unknown', RULES))).toEqual(['grown']);
  expect(names(objectsToRemove(run(young), 'closed', RULES))).toEqual(['young']);
});

it('keeps a report until it expires, and indefinitely if its expiry cannot be read', () => {
  const report = (expiresMs: number) => object('ConfigMap', 'report', { expiresMs });
  expect(objectsToRemove(run(report(NOW + 1)), 'closed', RULES)).toEqual([]);
  expect(objectsToRemove(run(report(Number.NaN)), 'closed', RULES)).toEqual([]);
  expect(names(objectsToRemove(run(report(NOW)), 'closed', RULES))).toEqual(['report']);
});

it('keeps ConfigMaps until their anchor expires and Jobs until they expire themselves, and never keeps a role binding', () => {
  const kept = (expiresMs: number) => [
    object('ConfigMap', 'proctor-run', { expiresMs }),
    object('ConfigMap', 'aicr-snapshot-run', { owners: ['proctor-run'] }),
    object('ConfigMap', 'another-run', { owners: ['another'] }),
    object('Job', 'kept', { owners: ['proctor-run'], expiresMs }),
    object('Job', 'lost', { owners: ['proctor-run'] }),
    object('ServiceAccount', 'sa', { owners: ['proctor-run'] }),
    object('ClusterRoleBinding', 'crb', { expiresMs }),
  ];
  expect(names(objectsToRemove(run(...kept(NOW + 1)), 'closed', RULES))).toEqual(['lost', 'crb', 'sa', 'another-run']);
  expect(names(objectsToRemove(run(...kept(NOW)), 'closed', RULES))).toEqual([
    'kept',
    'lost',
    'crb',
    'sa',
    'aicr-snapshot-run',
    'another-run',
    'proctor-run',
  ]);
});

it('does not keep an object that is being deleted already', () => {
  const gone = object('Job', 'gone', { expiresMs: NOW + 1, deleting: true });
  expect(names(objectsToRemove(run(gone), 'closed', RULES))).toEqual(['gone']);
});

it('groups objects by run and leaves out objects whose marks name no run', () => {
  const { workflowId: _, ...unmarked } = object('Job', 'unmarked');
  const { workflowRunId: __, ...halfMarked } = object('Job', 'half-marked');
  const runs = groupByRun([
    object('Job', 'a'),
    object('Job', 'b', { workflowRunId: asFirstRunId('r2') }),
    object('ConfigMap', 'c'),
    unmarked,
    halfMarked,
  ]);
  expect(runs.map(({ workflowRunId, objects }) => [workflowRunId, names(objects)])).toEqual([
    ['r', ['a', 'c']],
    ['r2', ['b']],
  ]);
});

it('removes a role binding even if its marks have an expiry', () => {
  const kept = { expiresMs: NOW + 1 };
  const objects = [
    object('ServiceAccount', 'sa', kept),
    object('ClusterRoleBinding', 'crb', kept),
    object('Job', 'job', kept),
  ];
  expect(names(objectsToRemove(run(...objects), 'closed', RULES))).toEqual(['crb', 'sa']);
});
