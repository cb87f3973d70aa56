import { expect, it } from 'vitest';
import { CAUSES, type Cause } from '../../../src/run/ending/cause.ts';
import { backoffMs, isInfrastructureEnd, mayRunAgain } from '../../../src/run/ending/retry-rules.ts';

const AGAIN: Cause[] = [
  'evicted',
  'preempted',
  'node-lost',
  'pod-deleted',
  'job-deleted',
  'interrupted',
  'status-unknown',
  'admission-refused',
  'queued',
];

it.each(CAUSES.map((cause) => [cause, AGAIN.includes(cause)] as const))(
  'counts %s as an end by the infrastructure: %s',
  (cause, again) => {
    expect(isInfrastructureEnd({ cause, started: false })).toBe(again);
  },
);

it('retries an image pull if the registry was busy, but not if the image is missing', () => {
  const pull = (evidence: string) => isInfrastructureEnd({ cause: 'image-pull', evidence, started: false });
  expect(pull('Back-off pulling image "x": ErrImagePull: 429 Too Many Requests')).toBe(true);
  expect(pull('failed to pull: dial tcp 10.0.0.1:443: i/o timeout')).toBe(true);
  expect(pull('failed to resolve reference "x": not found')).toBe(false);
  expect(pull('pull access denied, repository does not exist or may require authorization')).toBe(false);
  expect(pull('dial tcp: lookup registry.invalid: no such host')).toBe(false);
});

it('retries a container whose creation was abandoned, but not a missing command', () => {
  const start = (evidence: string) => isInfrastructureEnd({ cause: 'start-error', evidence, started: false });
  expect(start('failed to create containerd task: failed to create shim task: context canceled: unknown')).toBe(true);
  expect(start('failed to create shim task: OCI runtime create failed: exec: "/no": no such file or directory')).toBe(
    false,
  );
});

it('retries a pod that exceeded a quota, but not one that a policy refused', () => {
  const refused = (evidence: string) => isInfrastructureEnd({ cause: 'create-refused', evidence, started: false });
  expect(refused('pods "x" is forbidden: exceeded quota: small, requested: pods=1')).toBe(true);
  expect(refused('ValidatingAdmissionPolicy denied request: no')).toBe(false);
});

it('runs a validator that may have started again only if its catalog entry is rerunnable', () => {
  expect(mayRunAgain({ cause: 'evicted', started: false }, {}, true)).toBe(true);
  expect(mayRunAgain({ cause: 'evicted', started: true }, {}, true)).toBe(false);
  expect(mayRunAgain({ cause: 'evicted', started: true }, { rerunnable: true }, true)).toBe(true);
});

it('does not run a validator again while its Job may still run, unless its catalog entry is rerunnable', () => {
  expect(mayRunAgain({ cause: 'image-pull', started: false }, {}, false)).toBe(false);
  expect(mayRunAgain({ cause: 'image-pull', started: false }, { rerunnable: true }, false)).toBe(true);
});

it('doubles the backoff up to one minute', () => {
  expect([1, 2, 3, 4, 5, 50].map(backoffMs)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});
