import { describe, expect, it } from 'vitest';
import type { ContainerState, Job, Pod } from '../../src/contract/kubernetes.ts';
import { DEFAULT_GRACES, gracesFrom, type Sight, symptomOf } from '../../src/contract/symptom.ts';
import { timingsOf } from '../../src/contract/timings.ts';

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
    expect(see({ pod: pod({ waiting: { reason: 'ContainerCreating' } }), events })).toMatchObject({
      finding: { cause: 'config-error' },
      graceMs: DEFAULT_GRACES.configError,
    });
  });

  it('a pod that may not be created', () => {
    expect(see({ events: [{ reason: 'FailedCreate', message: 'exceeded quota' }] })).toMatchObject({
      finding: { cause: 'create-refused', evidence: 'exceeded quota' },
      graceMs: DEFAULT_GRACES.createRefused,
    });
    expect(see({})).toBeUndefined();
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
    expect(see({ pod: deleted() })).toMatchObject({ finding: { cause: 'pod-deleted' }, graceMs: 2_000 });
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
