import { describe, expect, it } from 'vitest';
import type { ContainerState, Job, Pod } from '../../../src/kubernetes/types.ts';
import {
  DEFAULT_GRACES,
  gracesFrom,
  queueOf,
  type Sight,
  sameSymptom,
  symptomOf,
} from '../../../src/run/ending/symptom.ts';
import { timingsOf } from '../../../src/run/ending/timings.ts';

const job = (suspend?: boolean): Job => ({
  metadata: { name: 'j', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { ...(suspend === undefined ? {} : { suspend }), template: { spec: { containers: [] } } },
});

const pod = (
  state: ContainerState | undefined,
  scheduled?: { status: 'True' | 'False'; reason?: string; message?: string },
): Pod => ({
  metadata: { name: 'p', uid: 'u' },
  status: {
    ...(state === undefined ? {} : { containerStatuses: [{ name: 'validator', state }] }),
    ...(scheduled === undefined ? {} : { conditions: [{ type: 'PodScheduled', ...scheduled }] }),
  },
});

const see = (sight: Partial<Sight>) =>
  symptomOf(
    { job: job(), pod: undefined, events: [], nodeTrouble: undefined, siblingsHoldRoom: () => false, ...sight },
    DEFAULT_GRACES,
  );

const noRoom = {
  status: 'False',
  reason: 'Unschedulable',
  message: '0/1 nodes are available: 1 Insufficient cpu.',
} as const;

describe('a trouble is seen, with its own grace', () => {
  it('an image that is not there, sooner than a registry that is busy', () => {
    const pull = (message: string) => see({ pod: pod({ waiting: { reason: 'ImagePullBackOff', message } }) });
    expect(pull('not found')).toMatchObject({
      finding: { cause: 'image-pull', evidence: 'not found' },
      graceMs: DEFAULT_GRACES.imagePull,
    });
    expect(pull('429 Too Many Requests')).toMatchObject({
      finding: { cause: 'image-pull' },
      graceMs: DEFAULT_GRACES.imagePullTransient,
    });
  });

  it('a pod that no node takes', () => {
    expect(see({ pod: pod(undefined, noRoom) })).toMatchObject({
      finding: { cause: 'unschedulable', evidence: noRoom.message },
      graceMs: DEFAULT_GRACES.unschedulable,
    });
  });

  it('a missing key, and a missing volume, which only the events tell of', () => {
    expect(see({ pod: pod({ waiting: { reason: 'CreateContainerConfigError', message: 'no key' } }) })).toMatchObject({
      finding: { cause: 'config-error', evidence: 'no key' },
    });
    const events = [{ reason: 'FailedMount', message: 'configmap "x" not found' }];
    const creating = pod({ waiting: { reason: 'ContainerCreating' } });
    expect(see({ pod: creating, events })).toMatchObject({
      finding: { cause: 'config-error' },
      graceMs: DEFAULT_GRACES.configError,
    });
    const passing = [
      { reason: 'FailedMount', message: 'timed out waiting for the condition' },
      { reason: 'FailedScheduling', message: 'node "n" not found' },
    ];
    expect(see({ pod: creating, events: passing })).toBeUndefined();
  });

  it('a pod that may not be created', () => {
    expect(see({ events: [{ reason: 'FailedCreate', message: 'exceeded quota' }] })).toMatchObject({
      finding: { cause: 'create-refused', evidence: 'exceeded quota' },
      graceMs: DEFAULT_GRACES.createRefused,
    });
    expect(see({})).toBeUndefined();
    expect(see({ job: undefined })).toBeUndefined();
    expect(see({ events: [{ reason: 'SuccessfulCreate', message: 'Created pod: p' }] })).toBeUndefined();
  });

  it('what events tell began with the first of them, in the words of the latest', () => {
    const refused = (message: string, firstMs: number) => ({ reason: 'FailedCreate', message, firstMs });
    expect(see({ events: [refused('first', 1_000), refused('latest', 3_000)] })).toMatchObject({
      finding: { cause: 'create-refused', evidence: 'latest' },
      beganMs: 1_000,
    });
  });

  it('a pod that is deleted before it had a node: no kubelet will ever start it', () => {
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
    expect(see({ pod: deleted() })).toStrictEqual(itself);
    expect(see({ pod: deleted(), job: undefined })).toStrictEqual(itself);
    expect(see({ pod: deleted(), job: startedAt('2026-01-01T00:00:05Z') })).toStrictEqual(itself);
    expect(see({ pod: { metadata: { deletionTimestamp: '2026-01-01T00:00:09Z' } } })).toStrictEqual(itself);
    const undated = { metadata: { deletionTimestamp: '2026-01-01T00:00:09Z' } };
    expect(see({ pod: undated, job: startedAt('2026-01-01T00:00:10Z') })).toStrictEqual(itself);
    expect(see({ pod: deleted({ containers: [], nodeName: 'n' }) })?.finding.cause).not.toBe('pod-deleted');
    // The Job was suspended and has been resumed since: that deleted the pod, and another will come.
    const resumed = { ...job(), status: { startTime: '2026-01-01T00:00:10Z' } };
    expect(see({ pod: deleted(), job: resumed })).toBeUndefined();
  });

  it('a node that is not Ready, also under a validator that runs', () => {
    const running = pod({ running: { startedAt: '2026-01-01T00:00:00Z' } });
    expect(see({ pod: running, nodeTrouble: { evidence: 'node n is not Ready', sinceMs: 5 } })).toMatchObject({
      finding: { cause: 'node-lost', evidence: 'node n is not Ready' },
      beganMs: 5,
    });
    expect(see({ pod: running })).toBeUndefined();
    expect(see({ pod: running, nodeTrouble: { evidence: 'gone' } })).toStrictEqual({
      finding: { cause: 'node-lost', evidence: 'gone' },
      graceMs: DEFAULT_GRACES.nodeLost,
    });
  });

  it('nothing of a validator that has run, nor what ends its Job by itself', () => {
    const again = pod({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } });
    for (const status of again.status?.containerStatuses ?? []) status.restartCount = 1;
    expect(see({ pod: again })).toBeUndefined();
    const init = { name: 'i', state: { terminated: { exitCode: 1 } } };
    expect(see({ pod: { metadata: {}, status: { initContainerStatuses: [init] } } })).toBeUndefined();
  });

  it('the same as before, whatever its words', () => {
    const unplaced = see({ pod: pod(undefined, noRoom) });
    const other = see({ pod: pod(undefined, { ...noRoom, message: '0/2 nodes are available' }) });
    expect(sameSymptom(unplaced, other)).toBe(true);
    expect(sameSymptom(unplaced, see({ job: job(true) }))).toBe(false);
    expect(sameSymptom(unplaced, undefined)).toBe(false);
    expect(sameSymptom(undefined, unplaced)).toBe(false);
    expect(sameSymptom(undefined, undefined)).toBe(true);
  });
});

describe('waiting in a queue is no trouble: no grace runs', () => {
  it('for room that siblings hold, and for nothing else', () => {
    expect(see({ pod: pod(undefined, noRoom), siblingsHoldRoom: () => true })).toEqual({
      finding: { cause: 'queued', evidence: noRoom.message },
      forRoom: true,
    });
    const wrongNode = { ...noRoom, message: '0/1 nodes are available: 1 node(s) did not match.' };
    expect(see({ pod: pod(undefined, wrongNode), siblingsHoldRoom: () => true })?.finding.cause).toBe('unschedulable');
    const pulling = pod({ waiting: { reason: 'ErrImagePull', message: 'Insufficient scope' } });
    expect(see({ pod: pulling, siblingsHoldRoom: () => true })?.finding.cause).toBe('image-pull');
  });

  it('as a suspended Job, and as a gated pod', () => {
    expect(see({ job: job(true) })).toEqual({ finding: { cause: 'queued', evidence: 'the Job is suspended' } });
    const gated = pod(undefined, { status: 'False', reason: 'SchedulingGated', message: 'gated' });
    expect(see({ pod: gated })).toEqual({ finding: { cause: 'queued', evidence: 'gated' } });
  });
});

it('graces are given as Go durations', () => {
  expect(gracesFrom({ imagePull: '90s', nodeLost: '1h' })).toEqual({ imagePull: 90_000, nodeLost: 3_600_000 });
});

it('tells queued, pulling and running apart', () => {
  const ran = pod(
    { terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:12Z', finishedAt: '2026-01-01T00:00:20Z' } },
    { status: 'True' },
  );
  const [condition] = ran.status?.conditions ?? [];
  if (condition !== undefined) condition.lastTransitionTime = '2026-01-01T00:00:10Z';
  expect(timingsOf(job().metadata.creationTimestamp, ran)).toEqual({
    queuedMs: 10_000,
    pullingMs: 2_000,
    runningMs: 8_000,
  });
  expect(timingsOf(undefined, undefined)).toEqual({});
  // As containerd has it of a command that could not be started.
  const terminated = { exitCode: 128, startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:13Z' };
  expect(timingsOf(undefined, pod({ terminated }))).toEqual({});
});

it('tells of a time only what is known of it', () => {
  const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
  const scheduled = [
    { type: 'Ready', status: 'True' as const, lastTransitionTime: at(9) },
    { type: 'PodScheduled', status: 'False' as const, lastTransitionTime: at(8) },
    { type: 'PodScheduled', status: 'True' as const, lastTransitionTime: at(3) },
  ];
  const running = { name: 'validator', state: { running: { startedAt: at(5) } } };
  expect(timingsOf(at(1), { metadata: {} })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: {} })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: { conditions: scheduled.slice(0, 2) } })).toStrictEqual({});
  expect(timingsOf(at(1), { metadata: {}, status: { conditions: scheduled } })).toStrictEqual({ queuedMs: 2_000 });
  expect(
    timingsOf(undefined, {
      metadata: { creationTimestamp: at(2) },
      status: { conditions: scheduled, containerStatuses: [running] },
    }),
  ).toStrictEqual({ queuedMs: 1_000, pullingMs: 2_000 });
  const waiting = { name: 'validator', state: { waiting: {} } };
  expect(timingsOf(at(1), { metadata: {}, status: { containerStatuses: [waiting] } })).toStrictEqual({});
});

it('a queue is the cluster’s, or that of the run’s own validators', () => {
  expect(queueOf(undefined)).toBe('none');
  expect(queueOf({ finding: { cause: 'unschedulable' }, forRoom: true })).toBe('none');
  expect(queueOf({ finding: { cause: 'queued' } })).toBe('elsewhere');
  expect(queueOf({ finding: { cause: 'queued' }, forRoom: true })).toBe('room');
});
