import { describe, expect, it } from 'vitest';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import {
  choosePod,
  enforcedDeadline,
  JOB_DELETED_MESSAGE,
  podNotFoundError,
  resultForMissingPod,
  resultForTimeout,
  resultFromPod,
  validatorResult,
  waitFailureMessage,
} from '../../../src/aicr/result/validator-result.ts';
import { terminatedState } from '../../../src/kubernetes/pod.ts';
import type { ContainerState, Job, Pod } from '../../../src/kubernetes/types.ts';

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;

const podOf = (state: ContainerState | undefined, more: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: { name: 'p', ...more },
  status: { containerStatuses: [{ name: 'validator', ...(state && { state }) }] },
});

const pod = (state: ContainerState, name = 'validator'): Pod => ({
  metadata: { name: 'p' },
  status: {
    containerStatuses: [
      { name: 'istio-proxy', state: { terminated: { exitCode: 7 } } },
      { name, state },
    ],
  },
});

const job = (condition?: { reason?: string; message?: string }, activeDeadlineSeconds?: number): Job => ({
  metadata: { name: 'j' },
  spec: {
    template: { spec: { containers: [] } },
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
  },
  ...(condition === undefined ? {} : { status: { conditions: [{ type: 'Failed', status: 'True', ...condition }] } }),
});

const missing = (changes: Partial<Parameters<typeof resultForMissingPod>[0]>) =>
  resultForMissingPod({ job: null, jobName: 'j', podError: podNotFoundError(), ...changes });

describe('the pod that is read', () => {
  const made = (
    name: string,
    second: number,
    more: Partial<Pod['metadata']> = {},
    phase?: 'Failed' | 'Running',
  ): Pod => ({
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z`, ...more },
    ...(phase === undefined ? {} : { status: { phase } }),
  });

  it('is the youngest that is not being deleted', () => {
    const pods = [
      made('a', 1),
      made('b', 3),
      made('c', 2),
      made('d', 9, { deletionTimestamp: '2026-01-01T00:01:00Z' }),
    ];
    expect(choosePod(pods)?.metadata.name).toBe('b');
    expect(choosePod(pods.toReversed())?.metadata.name).toBe('b');
    expect(choosePod(pods.slice(3))).toBeUndefined();
    expect(choosePod([])).toBeUndefined();
  });

  it('is, of two of the same second, the one that has not failed, or else the first', () => {
    expect(choosePod([made('a', 1, {}, 'Failed'), made('b', 1, {}, 'Running')])?.metadata.name).toBe('b');
    expect(choosePod([made('a', 1, {}, 'Running'), made('b', 1, {}, 'Running')])?.metadata.name).toBe('a');
  });
});

describe('resultFromPod', () => {
  it('reads the container named validator and no other', () => {
    const terminated = {
      exitCode: 2,
      message: 'not GKE',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:48Z',
    };
    expect(resultFromPod(pod({ terminated }))).toEqual({
      exitCode: 2,
      terminationMsg: 'not GKE',
      startedAtMs: Date.UTC(2026, 0, 1),
      completedAtMs: Date.UTC(2026, 0, 1) + 48_000,
      durationMs: 48_000,
      hasLog: true,
    });
  });

  it('names an OOM kill, and bounds any other message', () => {
    expect(resultFromPod(pod({ terminated: { exitCode: 137, reason: 'OOMKilled', message: 'x' } }))).toMatchObject({
      exitCode: 137,
      terminationMsg: 'Container OOMKilled',
    });
    const long = resultFromPod(pod({ terminated: { exitCode: 1, message: 'x'.repeat(5000) } }));
    expect(long.terminationMsg).toBe(`${'x'.repeat(4096)}... [truncated 904 bytes]`);
  });

  it.each([
    [{ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } }, 'ImagePullBackOff: no such image', false],
    [{ waiting: {} }, ': ', false],
    [{}, ': ', false],
    [{ running: { startedAt: '2026-01-01T00:00:00Z' } }, 'container still running after wait completed', true],
  ])('reads a container that has not ended: %j: %s', (state, terminationMsg, hasLog) => {
    expect(resultFromPod(pod(state))).toEqual({ exitCode: -1, terminationMsg, durationMs: 0, hasLog });
  });

  it('says that the contract is broken if the container is missing', () => {
    const message = 'container "validator" not found (validator package contract)';
    expect(resultFromPod(pod({}, 'main'))).toMatchObject({ exitCode: -1, terminationMsg: message, hasLog: false });
    expect(resultFromPod({ metadata: {} })).toMatchObject({ terminationMsg: message });
  });
});

describe('resultForMissingPod', () => {
  const gone = 'pod not found for Job j: [NOT_FOUND] pod for job not found';

  it('reports an exceeded deadline as a failure, and names the deadline', () => {
    const condition = { reason: 'DeadlineExceeded', message: ' Job was active longer than specified deadline\n' };
    expect(missing({ job: job(condition, 510) })).toEqual({
      exitCode: 1,
      terminationMsg:
        'validator Job did not complete within its 8m30s deadline; no pod remains for it, so its logs are unavailable ' +
        '(Job condition Failed/DeadlineExceeded: Job was active longer than specified deadline)',
      durationMs: 0,
      hasLog: false,
    });
  });

  it('reports any other reason without a verdict, and bounds the message', () => {
    expect(missing({ job: job({ reason: 'BackoffLimitExceeded', message: '' }) })).toMatchObject({
      exitCode: -1,
      terminationMsg:
        'Job j failed (BackoffLimitExceeded): BackoffLimitExceeded; pod not found: [NOT_FOUND] pod for job not found',
    });
    expect(missing({ job: job({ reason: 'x', message: 'y'.repeat(9000) }) }).terminationMsg).toMatch(
      /^Job j failed \(x\): y+\.\.\. \[truncated [0-9]+ bytes\]$/,
    );
  });

  it('uses the Job’s condition only if the pod is known to be gone and the Job has failed', () => {
    const failed = job({ reason: 'DeadlineExceeded' }, 1);
    expect(missing({ job: null })).toMatchObject({ exitCode: -1, terminationMsg: gone });
    expect(missing({ job: job() })).toMatchObject({ exitCode: -1, terminationMsg: gone });
    expect(
      missing({
        job: failed,
        podError: new ContractError('INTERNAL', 'failed to list pods for Job', new Error('EOF')),
      }),
    ).toMatchObject({
      exitCode: -1,
      terminationMsg: 'pod not found for Job j: [INTERNAL] failed to list pods for Job: EOF',
    });
    const notYet = job();
    notYet.status = {
      conditions: [
        { type: 'Failed', status: 'False' },
        { type: 'Complete', status: 'True' },
      ],
    };
    expect(missing({ job: notYet })).toMatchObject({ terminationMsg: gone });
  });

  it('falls back to the catalog’s timeout in whole seconds', () => {
    expect(enforcedDeadline(job(), '1.5s')).toBe('1s');
    expect(enforcedDeadline(null, '0s')).toBe('5m0s');
    expect(enforcedDeadline(null)).toBe('5m0s');
    expect(enforcedDeadline(job(undefined, 90), '5m')).toBe('1m30s');
  });

  it('trims a message as Go does', () => {
    const detail = (message: string) => missing({ job: job({ reason: 'r', message }) }).terminationMsg;
    expect(detail('\u0085\u00a0\u2003x\v')).toContain('(r): x; pod');
    expect(detail('\ufeffx')).toContain('(r): \ufeffx; pod');
  });
});

describe('resultForTimeout', () => {
  it('says that there is no pod, or no container named validator', () => {
    expect(resultForTimeout({ pod: null })).toMatchObject({
      exitCode: -1,
      terminationMsg: 'pod never reached running state',
      hasLog: false,
    });
    expect(resultForTimeout({ pod: pod({}, 'main'), timeout: '90s' }).terminationMsg).toBe(
      'timeout: validator did not complete within 1m30s (container "validator" not found - validator package contract)',
    );
  });

  it('uses the verdict of a container that has ended, without the OOMKilled rewrite', () => {
    expect(
      resultForTimeout({ pod: pod({ terminated: { exitCode: 137, reason: 'OOMKilled', message: 'm' } }) }),
    ).toMatchObject({ exitCode: 137, terminationMsg: 'm', hasLog: true });
  });

  it('reports the cause if the container has not ended', () => {
    expect(resultForTimeout({ pod: pod({ running: {} }) })).toMatchObject({
      exitCode: -1,
      terminationMsg: 'timeout: validator did not complete within 5m0s',
      hasLog: true,
    });
    expect(resultForTimeout({ pod: pod({ waiting: {} }), waitCause: new Error('watch broke') }).terminationMsg).toBe(
      'validation failed: watch broke',
    );
  });

  it('calls only an exceeded deadline a timeout', () => {
    const timeout = 'timeout: validator did not complete within 2m0s';
    const platform = Object.assign(new Error('The operation was aborted due to timeout'), { name: 'TimeoutError' });
    for (const cause of [
      null,
      undefined,
      new ContractError('TIMEOUT', 'x'),
      new ContractError('INTERNAL', 'x', new ContractError('TIMEOUT', 'y')),
      platform,
      new Error('x', { cause: platform }),
    ]) {
      expect(waitFailureMessage(cause, '2m')).toBe(timeout);
    }
    expect(waitFailureMessage(new ContractError('CANCELED', 'context canceled'), '2m')).toBe(
      'validation failed: [CANCELED] context canceled',
    );
  });
});

it('adds name, phase and log to an outcome', () => {
  const outcome = resultFromPod(pod({ terminated: { exitCode: 0 } }));
  const provenance = { shippedDigest: 'a', derivedDigest: 'b' };
  expect(validatorResult({ name: 'n', phase: 'p' }, outcome)).toEqual({
    name: 'n',
    phase: 'p',
    exitCode: 0,
    terminationMsg: '',
    durationMs: 0,
    stdout: [],
  });
  expect(
    validatorResult({ name: 'n', phase: 'p' }, outcome, { stdout: ['x'], extra: { k: 'v' }, provenance, warnings: [] }),
  ).toMatchObject({ stdout: ['x'], extra: { k: 'v' }, runtimeProvenance: provenance });
});

it('reports no start and no duration if the runtime could not start the command and reports 1970', () => {
  const terminated = {
    exitCode: 128,
    reason: 'StartError',
    startedAt: '1970-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:00:00Z',
  };
  const pod = { metadata: {}, status: { containerStatuses: [{ name: 'validator', state: { terminated } }] } };
  const outcome = resultFromPod(pod);
  expect(outcome).toMatchObject({ exitCode: 128, durationMs: 0 });
  expect(outcome.startedAtMs).toBeUndefined();
});

describe('edge cases', () => {
  const made = (name: string, second: number, phase?: 'Failed' | 'Running'): Pod => ({
    metadata: { name, creationTimestamp: at(second) },
    ...(phase && { status: { phase } }),
  });

  it('choose the youngest pod, or, of two of the same second, the one that has not failed', () => {
    const chosen = (...pods: Pod[]) => choosePod(pods)?.metadata.name;
    expect(chosen(made('young', 2, 'Failed'), made('old', 1, 'Running'))).toBe('young');
    expect(chosen(made('failed', 1, 'Failed'), made('runs', 1, 'Running'))).toBe('runs');
    expect(chosen(made('failed', 1, 'Failed'), made('new', 1))).toBe('new');
    expect(chosen(made('first', 1, 'Failed'), made('second', 1, 'Failed'))).toBe('first');
    expect(chosen(made('new', 1), made('runs', 1, 'Running'))).toBe('new');
  });

  it('report only known times', () => {
    const ended = (terminated: Omit<NonNullable<ContainerState['terminated']>, 'exitCode'>) =>
      resultFromPod(podOf({ terminated: { exitCode: 0, ...terminated } }));
    const none = { exitCode: 0, terminationMsg: '', durationMs: 0, hasLog: true };
    expect(ended({})).toStrictEqual(none);
    expect(ended({ startedAt: at(1) })).toStrictEqual({ ...none, startedAtMs: Date.parse(at(1)) });
    expect(ended({ finishedAt: at(3) })).toStrictEqual({ ...none, completedAtMs: Date.parse(at(3)) });
    expect(ended({ startedAt: 'never', finishedAt: at(3) }).durationMs).toBe(0);
    expect(ended({ startedAt: at(1), finishedAt: at(3) }).durationMs).toBe(2000);
  });

  it('report why a container waits, even if its state also says running', () => {
    expect(resultFromPod(podOf({ waiting: { reason: 'R', message: 'm' }, running: {} })).terminationMsg).toBe('R: m');
    expect(resultFromPod(podOf(undefined)).terminationMsg).toBe(': ');
  });

  it('report a missing container of a pod without a status', () => {
    for (const pod of [{ metadata: {} }, { metadata: {}, status: {} }] as Pod[]) {
      expect(resultFromPod(pod).terminationMsg).toBe('container "validator" not found (validator package contract)');
      expect(resultForTimeout({ pod }).terminationMsg).toContain('container "validator" not found');
      expect(terminatedState(pod)).toBeUndefined();
    }
    expect(resultForTimeout({ pod: podOf(undefined), timeout: '1m' }).terminationMsg).toBe(
      'timeout: validator did not complete within 1m0s',
    );
    expect(terminatedState(podOf(undefined))).toBeUndefined();
  });

  const missing = (condition: { reason?: string; message?: string }) =>
    resultForMissingPod({
      job: {
        metadata: {},
        spec: { template: { spec: { containers: [] } } },
        status: { conditions: [{ type: 'Failed', status: 'True', ...condition }] },
      },
      jobName: 'j',
      podError: podNotFoundError(),
    }).terminationMsg;

  it('report a Job that failed without reason or message', () => {
    expect(missing({})).toMatch(/^Job j failed \(\): ; pod not found: /);
    expect(
      resultForMissingPod({
        job: { metadata: {}, spec: { template: { spec: { containers: [] } } }, status: {} },
        jobName: 'j',
        podError: podNotFoundError(),
      }).terminationMsg,
    ).toMatch(/^pod not found for Job j/);
  });

  it('trim everything that Go considers white space from the ends of the Job’s message', () => {
    expect(missing({ reason: 'R', message: '\u0085 \n a  b \u0085 \n' })).toMatch(/^Job j failed \(R\): a {2}b; pod/);
    expect(missing({ reason: 'R', message: 'a  b' })).toMatch(/^Job j failed \(R\): a {2}b; pod/);
    expect(missing({ reason: 'R', message: ' \u0085 ' })).toMatch(/^Job j failed \(R\): R; pod/);
  });

  it('report an error that is its own cause', () => {
    const circular = new Error('circular');
    circular.cause = circular;
    expect(waitFailureMessage(circular)).toBe('validation failed: circular');
  });

  it('use AICR’s message for a deleted Job', () => {
    expect(JOB_DELETED_MESSAGE).toBe('Job was deleted before reaching terminal state');
  });
});
