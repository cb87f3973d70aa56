import { describe, expect, it } from 'vitest';
import { until } from '../../../dev/poll.ts';
import type { ClusterError } from '../../../src/cluster/cluster-error.ts';
import { CONFIG_MAPS, JOBS, PODS } from '../../../src/cluster/resources.ts';
import { client, owned, refusal } from '../../fakes/client.ts';
import { type Answer, FakeApiServer, hangUp, json, silence, status } from '../../fakes/fake-api-server.ts';
import { FaultProxy } from '../../fakes/fault-proxy.ts';

const ref = { resource: CONFIG_MAPS, namespace: 'ns', name: 'a' };
const object = { metadata: { name: 'a', namespace: 'ns', uid: 'u1' } };
const job = { metadata: { name: 'j', namespace: 'ns' }, spec: { template: { spec: { containers: [] } } } };

async function server(...answers: Answer[]): Promise<FakeApiServer> {
  const fake = owned(await FakeApiServer.start());
  return fake.answer(json(200, object)).script(...answers);
}

const transient: [string, Answer][] = [
  ['a 429 without Retry-After', status(429, 'TooManyRequests', 'slow down')],
  ['a 500 InternalError', status(500, 'InternalError', 'an error on the server')],
  ['a 500 ServerTimeout', status(500, 'ServerTimeout', 'try again', { details: { retryAfterSeconds: 0 } })],
  ['a 502 of a load balancer', json(502, 'Bad Gateway')],
  ['a 503 of a server that starts', status(503, 'ServiceUnavailable', 'apiserver not ready')],
  ['a 504', status(504, 'Timeout', 'request did not complete')],
  ['a connection cut before the answer', hangUp],
  [
    'a truncated answer',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"metadata":', () => response.socket?.resetAndDestroy());
      return true;
    },
  ],
];

describe.each(transient)('after %s, once', (_name, answer) => {
  it('retries a get', async () => {
    const fake = await server(answer);
    expect(await client({ server: fake.url.href }).get(ref)).toEqual(object);
    expect(fake.requests).toHaveLength(2);
  });

  it('retries an apply', async () => {
    const fake = await server(answer);
    await client({ server: fake.url.href }).apply(CONFIG_MAPS, object);
    expect(fake.count('PATCH', /configmaps\/a$/)).toBe(2);
  });

  it('retries a delete by UID', async () => {
    const fake = await server(answer);
    expect(await client({ server: fake.url.href }).delete(ref, { uid: 'u1' })).toBe(true);
    expect(fake.count('DELETE', /configmaps\/a$/)).toBe(2);
  });
});

it.each([
  [400, 'BadRequest', 'invalid'],
  [403, 'Forbidden', 'forbidden'],
  [404, 'NotFound', 'not-found'],
  [409, 'Conflict', 'conflict'],
  [409, 'AlreadyExists', 'already-exists'],
  [410, 'Expired', 'expired'],
  [413, 'RequestEntityTooLarge', 'invalid'],
  [422, 'Invalid', 'invalid'],
  [501, 'NotImplemented', 'unexpected'],
])('does not retry after %d %s, and fails with %s', async (code, reason, kind) => {
  const fake = await server(status(code, reason, 'no'));
  expect(await refusal(client({ server: fake.url.href }).get(ref))).toMatchObject({ kind, status: { code, reason } });
  expect(fake.requests).toHaveLength(1);
});

it('does not retry the apply of a Job if its answer was lost, since the Job might run twice', async () => {
  const fake = await server(hangUp);
  expect(await refusal(client({ server: fake.url.href }).apply(JOBS, job))).toMatchObject({ kind: 'unreachable' });
  expect(fake.requests).toHaveLength(1);
});

it('does not retry the apply of a Job after a 500', async () => {
  const fake = await server(status(500, 'InternalError', 'etcdserver: request timed out'));
  expect(await refusal(client({ server: fake.url.href }).apply(JOBS, job))).toMatchObject({ kind: 'server-error' });
  expect(fake.requests).toHaveLength(1);
});

it('retries the apply of a Job after a 429', async () => {
  const fake = await server(status(429, 'TooManyRequests', 'slow down'));
  await client({ server: fake.url.href }).apply(JOBS, job);
  expect(fake.requests).toHaveLength(2);
});

it('retries every call, even the apply of a Job, if the port is closed for a moment', async () => {
  const fake = await server();
  const proxy = owned(await FaultProxy.before(fake.url));
  await proxy.refuse();
  const api = client({ server: `http://127.0.0.1:${proxy.port}` }, { timing: { firstMs: 50, mostMs: 50 } });
  const all = Promise.all([api.get(ref), api.apply(CONFIG_MAPS, object), api.apply(JOBS, job)]);
  await proxy.accept();
  await all;
  expect(fake.requests).toHaveLength(3);
});

it('retries after a 403 of an API server that has just recovered and has not loaded its roles', async () => {
  const notYet = status(403, 'Forbidden', 'RBAC: clusterrole.rbac.authorization.k8s.io not found');
  const fake = await server(hangUp, notYet, notYet);
  expect(await client({ server: fake.url.href }).get(ref)).toEqual(object);
  expect(fake.requests).toHaveLength(4);
});

it('fails with `forbidden` if a 403 after an outage persists', async () => {
  const fake = await server();
  fake.answer(status(403, 'Forbidden', 'no')).script(hangUp);
  const api = client({ server: fake.url.href }, { timing: { windowMs: 3_000 } });
  expect(await refusal(api.get(ref))).toMatchObject({ kind: 'forbidden' });
});

it('does not retry a delete without a UID if its answer was lost, since another object may have the name', async () => {
  const fake = await server(hangUp);
  expect(await refusal(client({ server: fake.url.href }).delete(ref))).toMatchObject({ kind: 'unreachable' });
  expect(fake.requests).toHaveLength(1);
});

it('returns false from a delete whose first try succeeded without an answer', async () => {
  const fake = await server(hangUp, status(404, 'NotFound', 'gone'));
  expect(await client({ server: fake.url.href }).delete(ref, { uid: 'u1' })).toBe(false);
});

it('does not delete another object that now has the name', async () => {
  const fake = await server(status(409, 'Conflict', 'Precondition failed: UID in precondition'));
  expect(await client({ server: fake.url.href }).delete(ref, { uid: 'u1' })).toBe(false);
  expect(JSON.parse(fake.requests[0]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u1' } });
});

it('replaces the object of a put whose create succeeded without an answer', async () => {
  const fake = await server(hangUp, status(409, 'AlreadyExists', 'already exists'));
  await client({ server: fake.url.href }).put(CONFIG_MAPS, object);
  expect(fake.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'PUT']);
});

it('fails with the server’s own error within its budget if the server does not recover', async () => {
  const fake = await server();
  fake.answer(status(503, 'ServiceUnavailable', 'etcd is unreachable'));
  const api = client({ server: fake.url.href }, { timing: { firstMs: 20, mostMs: 50, windowMs: 2_500 } });
  const start = performance.now();
  expect(await refusal(api.get(ref))).toMatchObject({
    kind: 'server-error',
    message: expect.stringContaining('etcd is unreachable'),
  });
  // By default a call may take six seconds.
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(fake.requests.length).toBeGreaterThan(2);
});

it('fails with `timeout` after its budget if the server does not answer', async () => {
  const fake = await server();
  fake.answer(silence);
  const api = client({ server: fake.url.href }, { timing: { readMs: 200 } });
  const start = performance.now();
  expect(await refusal(api.get(ref))).toMatchObject({ kind: 'timeout' });
  // By default a GET may take eight seconds.
  expect(performance.now() - start).toBeLessThan(5_000);
  expect(fake.requests).toHaveLength(1);
});

it('fails with `timeout` after its budget if an answer stalls', async () => {
  const fake = await server();
  fake.answer((_request, response) => response.writeHead(200, { 'content-length': '1000' }).write('{'));
  const api = client({ server: fake.url.href }, { timing: { readMs: 200 } });
  expect(await refusal(api.get(ref))).toMatchObject({ kind: 'timeout' });
});

it('waits for the server’s Retry-After', async () => {
  const at: number[] = [];
  const fake = await server(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '1' } }));
  fake.answer(() => void at.push(performance.now()));
  const api = client({ server: fake.url.href });
  await api.get(ref);
  const [first = 0, second = 0] = at;
  expect(second - first).toBeGreaterThanOrEqual(995);
});

it('fails all calls without a request while a Retry-After exceeds their budget', async () => {
  const fake = await server(status(429, 'TooManyRequests', 'slow down', { headers: { 'retry-after': '30' } }));
  const api = client({ server: fake.url.href });
  expect(await refusal(api.get(ref))).toMatchObject({ kind: 'too-many-requests', retryAfterMs: 30_000 });
  const other = await refusal(api.list(PODS, { namespace: 'ns' }));
  expect(other.kind).toBe('too-many-requests');
  expect(other.retryAfterMs).toBeGreaterThan(25_000);
  expect(other.message).toContain('asked clients to wait');
  expect(fake.requests).toHaveLength(1);
});

it('uses the Status’s retryAfterSeconds if there is no header', async () => {
  const details = { retryAfterSeconds: 30 };
  const fake = await server(status(500, 'ServerTimeout', 'later', { details }));
  expect(await refusal(client({ server: fake.url.href }).get(ref))).toMatchObject({
    kind: 'timeout',
    retryAfterMs: 30_000,
  });
});

it('limits the retries of fifty callers together', async () => {
  const fake = await server();
  fake.answer(status(500, 'InternalError', 'on fire'));
  const api = client({ server: fake.url.href }, { timing: { firstMs: 1, mostMs: 5 } });
  const errors = await Promise.all(Array.from({ length: 50 }, () => refusal(api.get(ref))));
  expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(['server-error']));
  // Fifty first tries, and the retry budget.
  expect(fake.requests.length).toBeLessThanOrEqual(50 + 20);
});

it('retries again after successful calls have refilled the budget', async () => {
  const fake = await server();
  let failing = true;
  fake.answer((request, response) =>
    failing ? status(500, 'InternalError', 'on fire')(request, response) : undefined,
  );
  const api = client({ server: fake.url.href }, { timing: { firstMs: 1, mostMs: 5 } });
  await Promise.all(Array.from({ length: 50 }, () => refusal(api.get(ref))));
  failing = false;
  for (let i = 0; i < 8; i++) await api.get(ref);
  const before = fake.requests.length;
  fake.script(status(500, 'InternalError', 'once more'));
  await api.get(ref);
  expect(fake.requests.length).toBe(before + 2);
});

it('rejects with the signal’s reason at once when aborted during a back-off', async () => {
  const fake = await server();
  fake.answer(status(503, 'ServiceUnavailable', 'starting'));
  const api = client(
    { server: fake.url.href },
    {
      timing: { firstMs: 60_000, mostMs: 60_000, windowMs: 120_000, readMs: 120_000 },
    },
  );
  const stop = new AbortController();
  const call = api.get(ref, stop.signal).catch((error: unknown) => error);
  await until('the first try has been sent', () => fake.requests.length > 0);
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await call).toBe(reason);
});

describe('the message of an error', () => {
  const secret = 'eyJhbGciOi-very-secret';
  const user = { user: { token: secret } };

  it('names verb, resource, namespace and cluster', async () => {
    const message = 'jobs.batch "j" is forbidden: User "bob" cannot patch resource "jobs"';
    const fake = await server(status(403, 'Forbidden', message));
    const error = await refusal(client({ server: fake.url.href }).apply(JOBS, job));
    expect(error.message).toBe(`forbidden: patch jobs.batch j in namespace ns on cluster test: ${message}`);
  });

  it.each<[string, Answer]>([
    ['an error page', json(502, `<html>${secret}</html>`)],
    ['JSON that is no Status', json(500, { message: secret })],
    ['an answer that is not JSON', (_request, response) => response.writeHead(200).end(`{"a": ${secret}`)],
    ['a header of the answer', json(500, 'no', { 'x-token': secret })],
    ['no answer', hangUp],
  ])('contains no token after %s', async (_name, answer) => {
    const fake = await server();
    fake.answer(answer);
    const error = await refusal(client({ server: fake.url.href, ...user }, { timing: { windowMs: 50 } }).get(ref));
    expect(fake.requests[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    expect(error.message + error.stack + JSON.stringify(error) + String(error.cause)).not.toContain('very-secret');
  });

  it('contains only the start and the end of a Status of 100 KB', async () => {
    const message = `Job.batch "j" is invalid: ${'x'.repeat(100_000)}: field is immutable`;
    const fake = await server(status(422, 'Invalid', message));
    const error = await refusal(client({ server: fake.url.href }).apply(JOBS, job));
    expect(error.message.length).toBeLessThan(1_100);
    expect(error.message).toMatch(/Job.batch "j" is invalid: x+ \[… \d+ characters …\] x+: field is immutable$/);
    expect(JSON.stringify(error.status).length).toBeLessThan(2_000);
  });
});

it('reports a retry to the observer', async () => {
  const fake = await server(hangUp);
  const retries: string[] = [];
  const observer = {
    onRetry: ({ call, error, tries }: { call: { verb: string }; error: ClusterError; tries: number }) =>
      retries.push(`${call.verb} ${error.kind} ${tries}`),
  };
  await client({ server: fake.url.href }, { observer }).get(ref);
  expect(retries).toEqual(['get unreachable 1']);
});
