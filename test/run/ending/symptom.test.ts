import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/types.ts';
import { DEFAULT_GRACES } from '../../../src/run/ending/graces.ts';
import { type Observation, sameSymptom, symptomOf } from '../../../src/run/ending/symptom.ts';
import { job, pod } from './pod-and-job.ts';

const symptomFor = (observation: Partial<Observation>) =>
  symptomOf(
    { job: job(), pod: undefined, events: [], nodeProblem: undefined, siblingsHoldRoom: () => false, ...observation },
    DEFAULT_GRACES,
  );

const noRoom = {
  status: 'False',
  reason: 'Unschedulable',
  message: '0/1 nodes are available: 1 Insufficient cpu.',
} as const;

describe('symptomOf', () => {
  it('gives a missing image a shorter grace than a registry that fails temporarily', () => {
    const pull = (message: string) => symptomFor({ pod: pod({ waiting: { reason: 'ImagePullBackOff', message } }) });
    expect(pull('not found')).toMatchObject({
      finding: { cause: 'image-pull', evidence: 'not found' },
      graceMs: DEFAULT_GRACES.imagePull,
    });
    expect(pull('429 Too Many Requests')).toMatchObject({
      finding: { cause: 'image-pull' },
      graceMs: DEFAULT_GRACES.imagePullTransient,
    });
  });

  it('reports a pod that fits no node', () => {
    expect(symptomFor({ pod: pod(undefined, noRoom) })).toMatchObject({
      finding: { cause: 'unschedulable', evidence: noRoom.message },
      graceMs: DEFAULT_GRACES.unschedulable,
    });
  });

  it('reports a missing key, and a missing volume from events', () => {
    expect(
      symptomFor({ pod: pod({ waiting: { reason: 'CreateContainerConfigError', message: 'no key' } }) }),
    ).toMatchObject({
      finding: { cause: 'config-error', evidence: 'no key' },
    });
    const events = [{ reason: 'FailedMount', message: 'configmap "x" not found' }];
    const creating = pod({ waiting: { reason: 'ContainerCreating' } });
    expect(symptomFor({ pod: creating, events })).toMatchObject({
      finding: { cause: 'config-error' },
      graceMs: DEFAULT_GRACES.configError,
    });
    const passing = [
      { reason: 'FailedMount', message: 'timed out waiting for the condition' },
      { reason: 'FailedScheduling', message: 'node "n" not found' },
    ];
    expect(symptomFor({ pod: creating, events: passing })).toBeUndefined();
  });

  it('reports a pod whose creation was refused', () => {
    expect(symptomFor({ events: [{ reason: 'FailedCreate', message: 'exceeded quota' }] })).toMatchObject({
      finding: { cause: 'create-refused', evidence: 'exceeded quota' },
      graceMs: DEFAULT_GRACES.createRefused,
    });
    expect(symptomFor({})).toBeUndefined();
    expect(symptomFor({ job: undefined })).toBeUndefined();
    expect(symptomFor({ events: [{ reason: 'SuccessfulCreate', message: 'Created pod: p' }] })).toBeUndefined();
  });

  it('dates a problem from its first event and quotes the latest', () => {
    const refused = (message: string, firstMs: number) => ({ reason: 'FailedCreate', message, firstMs });
    expect(symptomFor({ events: [refused('first', 1_000), refused('latest', 3_000)] })).toMatchObject({
      finding: { cause: 'create-refused', evidence: 'latest' },
      beganMs: 1_000,
    });
  });

  it('reports a pod that was deleted before it had a node, unless its Job was resumed since', () => {
    const deleted = (more: Pod['spec'] = { containers: [] }): Pod => ({
      metadata: { creationTimestamp: '2026-01-01T00:00:05Z', deletionTimestamp: '2026-01-01T00:00:09Z' },
      spec: more,
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', ...noRoom }] },
    });
    const itself = {
      finding: { cause: 'pod-deleted', evidence: 'the pod was deleted before it had a node' },
      graceMs: 2_000,
    };
    const startedAt = (startTime: string) => ({ ...job(), status: { startTime } });
    expect(symptomFor({ pod: deleted() })).toStrictEqual(itself);
    expect(symptomFor({ pod: deleted(), job: undefined })).toStrictEqual(itself);
    expect(symptomFor({ pod: deleted(), job: startedAt('2026-01-01T00:00:05Z') })).toStrictEqual(itself);
    expect(symptomFor({ pod: { metadata: { deletionTimestamp: '2026-01-01T00:00:09Z' } } })).toStrictEqual(itself);
    const undated = { metadata: { deletionTimestamp: '2026-01-01T00:00:09Z' } };
    expect(symptomFor({ pod: undated, job: startedAt('2026-01-01T00:00:10Z') })).toStrictEqual(itself);
    expect(symptomFor({ pod: deleted({ containers: [], nodeName: 'n' }) })?.finding.cause).not.toBe('pod-deleted');
    // The Job was suspended, which deleted the pod, and resumed since, so that another pod will come.
    const resumed = { ...job(), status: { startTime: '2026-01-01T00:00:10Z' } };
    expect(symptomFor({ pod: deleted(), job: resumed })).toBeUndefined();
  });

  it('reports a node that is not Ready, even if its validator is running', () => {
    const running = pod({ running: { startedAt: '2026-01-01T00:00:00Z' } });
    expect(symptomFor({ pod: running, nodeProblem: { evidence: 'node n is not Ready', sinceMs: 5 } })).toMatchObject({
      finding: { cause: 'node-lost', evidence: 'node n is not Ready' },
      beganMs: 5,
    });
    expect(symptomFor({ pod: running })).toBeUndefined();
    expect(symptomFor({ pod: running, nodeProblem: { evidence: 'gone' } })).toStrictEqual({
      finding: { cause: 'node-lost', evidence: 'gone' },
      graceMs: DEFAULT_GRACES.nodeLost,
    });
  });

  it('reports nothing about a validator that has run, or a problem that ends the Job by itself', () => {
    const again = pod({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } });
    for (const status of again.status?.containerStatuses ?? []) status.restartCount = 1;
    expect(symptomFor({ pod: again })).toBeUndefined();
    const init = { name: 'i', state: { terminated: { exitCode: 1 } } };
    expect(symptomFor({ pod: { metadata: {}, status: { initContainerStatuses: [init] } } })).toBeUndefined();
  });

  it('treats symptoms with the same cause as the same problem', () => {
    const unplaced = symptomFor({ pod: pod(undefined, noRoom) });
    const other = symptomFor({ pod: pod(undefined, { ...noRoom, message: '0/2 nodes are available' }) });
    expect(sameSymptom(unplaced, other)).toBe(true);
    expect(sameSymptom(unplaced, symptomFor({ job: job(true) }))).toBe(false);
    expect(sameSymptom(unplaced, undefined)).toBe(false);
    expect(sameSymptom(undefined, unplaced)).toBe(false);
    expect(sameSymptom(undefined, undefined)).toBe(true);
  });
});

describe('a wait in a queue', () => {
  it('has no grace if siblings hold the room that the pod needs, unlike another scheduling problem', () => {
    expect(symptomFor({ pod: pod(undefined, noRoom), siblingsHoldRoom: () => true })).toEqual({
      finding: { cause: 'queued', evidence: noRoom.message },
      forRoom: true,
    });
    const wrongNode = { ...noRoom, message: '0/1 nodes are available: 1 node(s) did not match.' };
    expect(symptomFor({ pod: pod(undefined, wrongNode), siblingsHoldRoom: () => true })?.finding.cause).toBe(
      'unschedulable',
    );
    const pulling = pod({ waiting: { reason: 'ErrImagePull', message: 'Insufficient scope' } });
    expect(symptomFor({ pod: pulling, siblingsHoldRoom: () => true })?.finding.cause).toBe('image-pull');
  });

  it('has no grace if the Job is suspended or the pod gated', () => {
    expect(symptomFor({ job: job(true) })).toEqual({ finding: { cause: 'queued', evidence: 'the Job is suspended' } });
    const gated = pod(undefined, { status: 'False', reason: 'SchedulingGated', message: 'gated' });
    expect(symptomFor({ pod: gated })).toEqual({ finding: { cause: 'queued', evidence: 'gated' } });
  });
});
