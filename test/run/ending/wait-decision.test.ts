import { describe, expect, it } from 'vitest';
import type { Condition, ContainerState, Job, Pod } from '../../../src/kubernetes/types.ts';
import { DEFAULT_GRACES } from '../../../src/run/ending/graces.ts';
import type { Queue } from '../../../src/run/ending/queue.ts';
import {
  decide,
  jobGone,
  type PodSight,
  type WaitClocks,
  type WaitMemory,
  type WaitSight,
  type WaitTerms,
} from '../../../src/run/ending/wait-decision.ts';

/** When the Job was created and the wait began. The sights below are some seconds later. */
const BEGAN_MS = Date.parse('2026-01-01T00:00:00Z');
const S = 1_000;
const MINUTE = 60 * S;
/** How long AICR waits for a validator whose timeout is five minutes: two and a half minutes longer. */
const BUDGET_MS = 5 * MINUTE + 150 * S;

const at = (ms: number) => new Date(BEGAN_MS + ms).toISOString();

function job(status: Job['status'] = {}, spec: Partial<Job['spec']> = {}): Job {
  return {
    metadata: { name: 'j', uid: 'ours', creationTimestamp: at(0) },
    spec: { template: { spec: { containers: [] } }, ...spec },
    status,
  };
}

const complete: Condition = { type: 'Complete', status: 'True' };
const failed: Condition = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };

interface PodState {
  validator?: ContainerState;
  sidecar?: ContainerState;
  scheduled?: Condition['status'];
  scheduledAt?: string | null;
  message?: string;
  metadata?: Pod['metadata'];
}

function pod({ validator, sidecar, scheduled, scheduledAt, message, metadata }: PodState = {}): Pod {
  const condition = { type: 'PodScheduled', status: scheduled, lastTransitionTime: scheduledAt, message };
  return {
    metadata: { name: 'p', uid: 'p', creationTimestamp: at(0), ...metadata },
    spec: { containers: [], ...(scheduled !== 'False' && { nodeName: 'n' }) },
    status: {
      phase: validator === undefined ? 'Pending' : 'Running',
      ...(scheduled && { conditions: [condition as Condition] }),
      containerStatuses: [
        ...(validator === undefined ? [] : [{ name: 'validator', state: validator }]),
        ...(sidecar === undefined ? [] : [{ name: 'sidecar', state: sidecar }]),
      ],
    },
  };
}

const running = pod({ validator: { running: { startedAt: at(0) } } });
const passed: ContainerState = { terminated: { exitCode: 0, startedAt: at(0), finishedAt: at(S) } };
/** Its validator has ended, and a sidecar keeps the pod and the Job open. */
const withSidecar = pod({ validator: passed, sidecar: { running: {} } });
const imageMissing = pod({ validator: { waiting: { reason: 'ErrImagePull', message: 'not found' } } });
const noRoom = pod({ scheduled: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' });

const sightOf = (seen: Pod, more: Partial<PodSight> = {}): PodSight => ({
  pod: seen,
  isGone: false,
  mayHaveStarted: false,
  ...more,
});

interface Scene {
  sight?: Partial<WaitSight>;
  memory?: WaitMemory;
  terms?: Partial<WaitTerms>;
  clocks?: Partial<WaitClocks>;
}

/** Decides on a Job with a running pod, whose events and node were looked at, ten seconds after the wait began. */
function decided({ sight, memory = {}, terms, clocks }: Scene) {
  const all: WaitSight = {
    job: job(),
    wasInView: true,
    lastJob: sight?.job ?? job(),
    pods: [sightOf(running)],
    siblingsHoldRoom: () => false,
    isWatching: true,
    details: { events: [], nodeProblem: undefined },
    ...sight,
  };
  const { memory: after, ...decision } = decide(
    all,
    memory,
    { timeout: '5m', graces: DEFAULT_GRACES, queue: undefined, ...terms },
    { nowMs: BEGAN_MS + 10 * S, beganMs: BEGAN_MS, ...clocks },
  );
  return { ...decision, after };
}

/** The sight before its details were looked at. */
const atFirst = <T extends Partial<WaitSight>>(sight: T) => ({ sight: { ...sight, details: undefined } as T });
const returns = (result: object) => ({ kind: 'return', result });
const later = (ms: number): { clocks: Partial<WaitClocks> } => ({ clocks: { nowMs: BEGAN_MS + ms } });

describe('a Job that has ended', () => {
  it.each([complete, failed])('ends the wait with its condition: $type', (condition) => {
    const sight = { job: job({ conditions: [condition] }), pods: [sightOf(running)] };
    expect(decided({ sight })).toMatchObject(returns({ kind: 'terminal', condition, started: true, pod: running }));
  });

  it('does not end the wait before a look at the last state of its pod', () => {
    const ended = job({ conditions: [failed] });
    expect(decided(atFirst({ job: ended }))).toMatchObject({ kind: 'look-closer' });
    expect(decided({ sight: { job: ended } })).toMatchObject(returns({ kind: 'terminal' }));
  });

  it.each([
    ['has ended', sightOf(withSidecar)],
    ['is gone', sightOf(running, { isGone: true })],
  ])('ends the wait at once if its pod %s', (_, seen) => {
    const sight = { job: job({ conditions: [failed] }), pods: [seen] };
    expect(decided(atFirst(sight))).toMatchObject(returns({ kind: 'terminal' }));
  });

  it('ends the wait although its pod still has a symptom', () => {
    const sight = { job: job({ conditions: [failed] }), pods: [sightOf(imageMissing)] };
    expect(decided({ sight, ...later(MINUTE * 60) })).toMatchObject(returns({ kind: 'terminal' }));
  });
});

describe('a Job that is gone', () => {
  it('ends the wait if the watch had shown it', () => {
    expect(decided({ sight: { job: undefined } })).toMatchObject(
      returns({ kind: 'job-gone', createdAt: at(0), pod: running }),
    );
  });

  it('does not end the wait if the watch has not shown it yet', () => {
    expect(decided({ sight: { job: undefined, wasInView: false } })).toMatchObject({ kind: 'wait' });
  });

  const nothing: WaitSight = {
    job: undefined,
    wasInView: false,
    lastJob: undefined,
    pods: [],
    siblingsHoldRoom: () => false,
    isWatching: true,
  };

  it('counts as started if nothing of it was seen', () => {
    expect(jobGone(nothing)).toEqual({ kind: 'job-gone', started: true });
  });

  it('counts as started if a watch that lags still shows it without a pod', () => {
    const sight = { ...nothing, job: job(), wasInView: true, lastJob: job() };
    expect(jobGone(sight)).toEqual({ kind: 'job-gone', started: true, createdAt: at(0) });
  });
});

describe('a validator that has ended by itself', () => {
  const sight = { pods: [sightOf(withSidecar)] };

  it('ends the wait five seconds after it was first seen, if its Job has not ended by then', () => {
    const first = decided({ sight });
    expect(first).toMatchObject({ kind: 'wait', lookAgainMs: S, after: { doneMs: BEGAN_MS + 10 * S } });
    const { after: memory } = first;
    expect(decided({ sight, memory, ...later(15 * S - 1) })).toMatchObject({ kind: 'wait' });
    expect(decided({ sight, memory, ...later(15 * S) })).toMatchObject(returns({ kind: 'done', pod: withSidecar }));
  });

  it('ends the wait after a minute if every container has ended, because the kubelet may still report an eviction', () => {
    const alone = { pods: [sightOf(pod({ validator: passed }))] };
    const memory = { doneMs: BEGAN_MS };
    expect(decided({ sight: alone, memory, ...later(MINUTE - 1) })).toMatchObject({ kind: 'wait' });
    expect(decided({ sight: alone, memory, ...later(MINUTE) })).toMatchObject(returns({ kind: 'done' }));
  });

  it('needs no events and no node to end the wait', () => {
    expect(decided({ ...atFirst(sight), memory: { doneMs: BEGAN_MS } })).toMatchObject(returns({ kind: 'done' }));
  });

  it('does not end the wait if the pod was being deleted by then', () => {
    const metadata = { deletionTimestamp: at(30 * S), deletionGracePeriodSeconds: 30 };
    const interrupted = pod({ validator: passed, sidecar: { running: {} }, metadata });
    expect(decided({ sight: { pods: [sightOf(interrupted)] }, memory: { doneMs: BEGAN_MS } })).toMatchObject({
      kind: 'wait',
    });
  });
});

describe('a symptom', () => {
  const sight = { pods: [sightOf(imageMissing)] };
  const grace = DEFAULT_GRACES.imagePull;

  it('ends the wait only after a look at events and node', () => {
    expect(decided(atFirst(sight))).toEqual({ kind: 'look-closer', after: { doneMs: undefined } });
  });

  it('begins when it is first seen, and ends the wait once it has lasted for its grace', () => {
    const first = decided({ sight });
    expect(first).toMatchObject({ kind: 'wait', lookAgainMs: S, after: { symptom: { sinceMs: BEGAN_MS + 10 * S } } });
    const { after: memory } = first;
    expect(decided({ sight, memory, ...later(10 * S + grace - 1) })).toMatchObject({ kind: 'wait' });
    expect(decided({ sight, memory, ...later(10 * S + grace) })).toMatchObject(
      returns({ kind: 'early', started: false, finding: { cause: 'image-pull', evidence: 'not found' } }),
    );
  });

  it('continues from the attempt before, whose heartbeat had it', () => {
    const symptom = { finding: { cause: 'image-pull', evidence: 'other words' } as const };
    const memory = { symptom: { symptom, sinceMs: BEGAN_MS + 10 * S - grace } };
    expect(decided({ sight, memory })).toMatchObject(returns({ kind: 'early' }));
  });

  it('begins when it is seen if there was another before it', () => {
    const symptom = { finding: { cause: 'config-error' } as const };
    const memory = { symptom: { symptom, sinceMs: BEGAN_MS - grace } };
    expect(decided({ sight, memory })).toMatchObject({
      kind: 'wait',
      after: { symptom: { sinceMs: BEGAN_MS + 10 * S } },
    });
  });

  it.each([
    ['when Kubernetes first reported it', 5 * S, 5 * S],
    ['when the wait began, if Kubernetes reported it earlier', -5 * S, 0],
    ['now, if Kubernetes’ clock is ahead', 20 * S, 10 * S],
  ])('of a node that is not Ready begins %s', (_, reportedMs, beginsMs) => {
    const nodeProblem = { evidence: 'node n is not Ready', sinceMs: BEGAN_MS + reportedMs };
    const { symptom } = decided({ sight: { details: { events: [], nodeProblem } } }).after;
    expect(symptom).toMatchObject({
      symptom: { finding: { cause: 'node-lost', evidence: 'node n is not Ready' } },
      sinceMs: BEGAN_MS + beginsMs,
    });
  });

  it('is read from the events of a Job without a pod', () => {
    const events = [{ reason: 'FailedCreate', message: 'exceeded quota', firstMs: BEGAN_MS }];
    const scene = { sight: { pods: [], details: { events, nodeProblem: undefined } } };
    expect(decided(scene).after.symptom?.symptom.finding).toEqual({
      cause: 'create-refused',
      evidence: 'exceeded quota',
    });
  });

  it('is over when it is no longer seen', () => {
    const symptom = { finding: { cause: 'image-pull' } as const };
    const { after: memory } = decided({ memory: { symptom: { symptom, sinceMs: 0 } } });
    expect(memory.symptom).toBeUndefined();
  });

  it('is not read from a pod that is gone', () => {
    const gone = { pods: [sightOf(imageMissing, { isGone: true })] };
    expect(decided({ sight: gone }).after.symptom).toBeUndefined();
  });
});

describe('a queue', () => {
  const suspended = { job: job({}, { suspend: true }), pods: [] };
  const inQueue = (queue: Queue | undefined) => ({ terms: { queue } });

  it('is reported when the Job is suspended', () => {
    expect(decided({ sight: suspended, ...inQueue('none') })).toMatchObject(
      returns({ kind: 'queue', queue: 'elsewhere', evidence: 'the Job is suspended' }),
    );
  });

  it('is reported when the pod waits for room that its siblings hold', () => {
    const sight = { pods: [sightOf(noRoom)], siblingsHoldRoom: () => true };
    expect(decided({ sight, ...inQueue('elsewhere') })).toMatchObject(
      returns({ kind: 'queue', queue: 'room', evidence: '0/1 nodes are available: 1 Insufficient cpu.' }),
    );
  });

  it('is not reported again while it stays the same', () => {
    expect(decided({ sight: suspended, ...inQueue('elsewhere') })).toMatchObject({ kind: 'wait', lookAgainMs: S });
  });

  it('is not reported to a run that does not ask', () => {
    expect(decided({ sight: suspended, ...inQueue(undefined) })).toMatchObject({ kind: 'wait' });
  });

  it('is reported as left once the pod has a node', () => {
    expect(decided(inQueue('room'))).toMatchObject({ kind: 'return', result: { kind: 'queue', queue: 'none' } });
  });

  it.each([
    ['is deleted', [sightOf(pod({ metadata: { deletionTimestamp: at(5 * S) } }))]],
    ['is gone', [sightOf(running, { isGone: true })]],
  ])('is not reported as left when the pod %s', (_, pods) => {
    expect(decided({ sight: { pods }, ...inQueue('room') })).toMatchObject({ kind: 'wait' });
  });

  it('stops the clock of the timeout', () => {
    expect(decided({ sight: suspended, ...later(BUDGET_MS * 10) })).toMatchObject({ kind: 'wait', lookAgainMs: S });
  });
});

describe('the timeout', () => {
  it('ends the wait when AICR’s time for the validator is over', () => {
    expect(decided(later(BUDGET_MS - 1))).toMatchObject({ kind: 'wait', lookAgainMs: 1 });
    expect(decided(later(BUDGET_MS))).toMatchObject(returns({ kind: 'timeout', started: true, pod: running }));
  });

  it('does not end the wait while the watch fails, because the Job may have ended unseen', () => {
    expect(decided({ sight: { isWatching: false }, ...later(BUDGET_MS) })).toMatchObject({
      kind: 'wait',
      lookAgainMs: S,
    });
  });

  it.each<[string, Partial<WaitSight>]>([
    ['the container', { pods: [sightOf(pod({ validator: { running: { startedAt: at(MINUTE) } } }))] }],
    ['the placement on a node', { pods: [sightOf(pod({ scheduled: 'True', scheduledAt: at(MINUTE) }))] }],
    ['the start of the Job, if no container runs', { job: job({ startTime: at(MINUTE) }), pods: [] }],
    [
      'the Job’s creation, if nothing else is known',
      { job: { ...job(), metadata: { uid: 'ours', creationTimestamp: at(MINUTE) } }, pods: [] },
    ],
    [
      'the start of the Job, if the time of the placement is null',
      { job: job({ startTime: at(MINUTE) }), pods: [sightOf(pod({ scheduled: 'True', scheduledAt: null }))] },
    ],
  ])('counts from %s', (_, sight) => {
    expect(decided({ sight, ...later(MINUTE + BUDGET_MS - 1) })).toMatchObject({ kind: 'wait' });
    expect(decided({ sight, ...later(MINUTE + BUDGET_MS) })).toMatchObject(returns({ kind: 'timeout' }));
  });

  it('leaves 30 seconds to a wait that begins after AICR’s time is over', () => {
    const beganMs = BEGAN_MS + MINUTE * 60;
    const scene = (ms: number) => ({ clocks: { beganMs, nowMs: beganMs + ms } });
    expect(decided(scene(30 * S - 1))).toMatchObject({ kind: 'wait' });
    expect(decided(scene(30 * S))).toMatchObject(returns({ kind: 'timeout' }));
  });
});

describe('the next look', () => {
  it('is in ten seconds while a validator runs, and in one while it starts', () => {
    expect(decided({})).toMatchObject({ kind: 'wait', lookAgainMs: 10 * S });
    expect(decided({ sight: { pods: [sightOf(pod())] } })).toMatchObject({ kind: 'wait', lookAgainMs: S });
  });

  it('is in one second while the pod has a symptom', () => {
    const details = { events: [], nodeProblem: { evidence: 'not Ready' } };
    expect(decided({ sight: { details } })).toMatchObject({ kind: 'wait', lookAgainMs: S });
  });

  it('is no later than the timeout', () => {
    expect(decided(later(BUDGET_MS - 4_321))).toMatchObject({ kind: 'wait', lookAgainMs: 4_321 });
  });

  it('is in a millisecond at the earliest', () => {
    const terms = { timeout: '5m0.0005s' };
    expect(decided({ terms, ...later(BUDGET_MS) })).toMatchObject({ kind: 'wait', lookAgainMs: 1 });
  });
});

describe('whether the validator started', () => {
  const timeout = (sight: Partial<WaitSight>, memory: WaitMemory = {}) => {
    const decision = decided({ sight, memory, terms: { timeout: '1s' }, ...later(BUDGET_MS * 2) });
    return decision.kind === 'return' ? decision.result : decision;
  };

  it('is false for a pod whose container has not started, with what it waited for', () => {
    const waitedFor = { cause: 'image-pull' } as const;
    expect(timeout({ pods: [sightOf(pod())] }, { waitedFor })).toEqual({
      kind: 'timeout',
      started: false,
      createdAt: at(0),
      pod: pod(),
      trouble: waitedFor,
    });
  });

  it('is true if any pod may have started, without what it waited for', () => {
    const pods = [sightOf(pod()), sightOf(pod({ metadata: { uid: 'q' } }), { mayHaveStarted: true })];
    expect(timeout({ pods }, { waitedFor: { cause: 'image-pull' } })).toMatchObject({ started: true });
    expect(timeout({ pods }, { waitedFor: { cause: 'image-pull' } })).not.toHaveProperty('trouble');
  });

  it.each<[Job['status'], boolean]>([
    [{}, false],
    [{ active: 1 }, true],
    [{ succeeded: 1 }, true],
    [{ failed: 1 }, true],
  ])('follows from the counts of a Job without a pod: %o', (status, started) => {
    expect(timeout({ job: job(status), pods: [] })).toMatchObject({ kind: 'timeout', started });
  });

  it('remembers the last symptom as what the validator waited for, but not the deletion of its pod', () => {
    const { after: memory } = decided({ sight: { pods: [sightOf(imageMissing)] } });
    expect(memory.waitedFor?.cause).toBe('image-pull');
    const deleted = pod({ scheduled: 'False', metadata: { deletionTimestamp: at(S) } });
    const { after: last } = decided({ sight: { pods: [sightOf(deleted)] }, memory });
    expect(last.symptom?.symptom.finding.cause).toBe('pod-deleted');
    expect(last.waitedFor?.cause).toBe('image-pull');
  });
});
