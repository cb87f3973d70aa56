import { describe, expect, it } from 'vitest';
import { toFailure } from '../../src/activities/to-failure.ts';
import { ContractError } from '../../src/aicr/contract-error.ts';
import { ClusterError, type ClusterErrorKind } from '../../src/cluster/cluster-error.ts';

const call = { verb: 'create', resource: 'jobs.batch', namespace: 'ns', name: 'aicr-x' };
const failure = (kind: ClusterErrorKind, message = 'no') =>
  toFailure(new ClusterError(kind, 'lab', call, message, { status: { message } }));

it.each<[ClusterErrorKind, boolean]>([
  ['forbidden', true],
  ['invalid', true],
  ['configuration', true],
  ['not-found', true],
  ['already-exists', true],
  ['conflict', false],
  ['unauthorized', false],
  ['expired', false],
  ['too-many-requests', false],
  ['server-error', false],
  ['timeout', false],
  ['unreachable', false],
  ['unexpected', false],
])('makes %s non-retryable: %s', (kind, nonRetryable) => {
  expect(failure(kind)).toMatchObject({ type: `cluster/${kind}`, nonRetryable });
});

it('retries a refusal by a quota, but not one by RBAC, although both are 403', () => {
  expect(failure('forbidden', 'pods "x" is forbidden: exceeded quota: small, requested: pods=1').nonRetryable).toBe(
    false,
  );
  expect(failure('forbidden', 'User "x" cannot create resource "jobs"').nonRetryable).toBe(true);
});

it('says which call failed, on which object and cluster, and why', () => {
  expect(failure('forbidden', 'because').message).toBe(
    'forbidden: create jobs.batch aicr-x in namespace ns on cluster lab: because',
  );
});

it('delays the retry for as long as the server asks', () => {
  const error = new ClusterError('too-many-requests', 'lab', call, 'slow down', { retryAfterMs: 7000 });
  expect(toFailure(error).nextRetryDelay).toBe(7000);
});

it('makes a contract error a non-retryable InvalidRequest, and retries any other error', () => {
  expect(toFailure(new ContractError('INVALID_REQUEST', 'bad name'))).toMatchObject({
    type: 'InvalidRequest',
    nonRetryable: true,
  });
  expect(toFailure(new Error('odd'))).toMatchObject({ type: 'unexpected', nonRetryable: false, message: 'Error: odd' });
  expect(toFailure('text')).toMatchObject({ type: 'unexpected', message: 'text' });
});

describe('several errors at once', () => {
  const cluster = (kind: ClusterErrorKind, name = 'a') =>
    new ClusterError(kind, 'lab', { verb: 'delete', resource: 'serviceaccounts', name }, 'because');

  it('become one failure with a detail for each', () => {
    const failure = toFailure(new AggregateError([cluster('forbidden', 'a'), cluster('unreachable', 'b')], 'ignored'));
    expect(failure.type).toBe('several');
    expect(failure.details).toEqual([
      {
        type: 'cluster/forbidden',
        message: 'forbidden: delete serviceaccounts a on cluster lab: because',
        nonRetryable: true,
      },
      {
        type: 'cluster/unreachable',
        message: 'unreachable: delete serviceaccounts b on cluster lab: because',
        nonRetryable: false,
      },
    ]);
    expect(failure.message).toBe(
      'forbidden: delete serviceaccounts a on cluster lab: because; unreachable: delete serviceaccounts b on cluster lab: because',
    );
  });

  it('are non-retryable only if all of them are', () => {
    expect(toFailure(new AggregateError([cluster('forbidden'), cluster('timeout')])).nonRetryable).toBe(false);
    expect(toFailure(new AggregateError([cluster('forbidden'), cluster('invalid')])).nonRetryable).toBe(true);
    expect(toFailure(new AggregateError([])).nonRetryable).toBe(false);
  });

  it('delay the retry for as long as the longest of their delays', () => {
    const slow = (retryAfterMs: number) =>
      new ClusterError('too-many-requests', 'lab', call, 'slow down', { retryAfterMs });
    expect(toFailure(new AggregateError([slow(2000), slow(9000), cluster('timeout')])).nextRetryDelay).toBe(9000);
    expect(toFailure(new AggregateError([cluster('timeout')])).nextRetryDelay).toBeUndefined();
  });

  it('are limited in number and length', () => {
    const many = Array.from({ length: 25 }, () => new Error('x'.repeat(5000)));
    const { details, message } = toFailure(new AggregateError(many));
    expect(details).toHaveLength(20);
    expect(message.length).toBeLessThan(21_000);
    expect(message).toMatch(/…; and 5 more$/);
  });
});
