import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../dev/poll.ts';
import type { ClusterApi } from '../../../src/cluster/api.ts';
import { readLog } from '../../../src/cluster/pod-log.ts';
import { CONFIG_MAPS, PODS } from '../../../src/cluster/resources.ts';
import { Connection } from '../../../src/cluster/transport/connection.ts';
import { Authority, type Cert } from '../../fakes/certs.ts';
import { client, kubeConfig, owned, refusal } from '../../fakes/client.ts';
import { ConnectProxy } from '../../fakes/connect-proxy.ts';
import { FakeApiServer, hangUp, json, silence } from '../../fakes/fake-api-server.ts';
import { FaultProxy } from '../../fakes/fault-proxy.ts';

const ref = { resource: CONFIG_MAPS, namespace: 'ns', name: 'a' };

const never = new AbortController().signal;

let authority: Authority;
let other: Authority;
let local: Cert;
let alice: Cert;
let bob: Cert;

beforeAll(() => {
  authority = new Authority('one');
  other = new Authority('other');
  local = authority.issue('/CN=server', ['IP:127.0.0.1', 'DNS:api.example.com']);
  alice = authority.issue('/CN=alice');
  bob = authority.issue('/CN=bob');
});

afterAll(() => {
  authority.remove();
  other.remove();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function tlsServer(cert = local): Promise<FakeApiServer> {
  const fake = owned(await FakeApiServer.start({ ...cert, requestCert: true }));
  return fake.answer(json(200, { metadata: { name: 'a' } }));
}

it('opens two connections for a thousand calls, fifty at a time', async () => {
  const fake = await tlsServer();
  const api = client({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, () => api.get(ref)));
  expect(fake.requests).toHaveLength(1000);
  expect(fake.opened).toBe(2);
});

it.each<[string, (api: ClusterApi) => Promise<unknown>]>([
  ['get', (api) => api.get(ref)],
  ['list', (api) => api.list(CONFIG_MAPS, { namespace: 'ns' })],
  ['apply', (api) => api.apply(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'ns' } })],
  ['put', (api) => api.put(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'ns' } })],
  ['delete', (api) => api.delete(ref, { uid: 'u' })],
  ['readLog', (api) => readLog(api, { namespace: 'ns', pod: 'p', container: 'c' }, () => undefined, never)],
])('reuses the connection after %s', async (_name, call) => {
  const fake = await tlsServer();
  fake.answer((request, response) =>
    /log$/.test(request.path)
      ? response.writeHead(200).end('a line\n')
      : json(200, { metadata: {}, items: [] })(request, response),
  );
  const api = client({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
  for (let i = 0; i < 20; i++) await call(api);
  expect(fake.opened).toBeLessThanOrEqual(2);
});

it('sends its User-Agent', async () => {
  const fake = await tlsServer();
  await client({ server: fake.url.href, cluster: { caData: base64(authority.cert) } }).get(ref);
  expect(fake.requests[0]?.headers['user-agent']).toBe('proctor/test');
});

it('keeps the path of a server’s URL, such as that of a Rancher proxy', async () => {
  const fake = await tlsServer();
  await client({ server: `${fake.url.href}k8s/clusters/c-1/`, cluster: { caData: base64(authority.cert) } }).get(ref);
  expect(fake.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/namespaces/ns/configmaps/a');
});

it('refuses a certificate of another authority, and says so', async () => {
  const fake = await tlsServer(other.issue('/CN=server', ['IP:127.0.0.1']));
  const api = client(
    { server: fake.url.href, cluster: { caData: base64(authority.cert) } },
    { timing: { windowMs: 50 } },
  );
  const error = await refusal(api.get(ref));
  expect(error.kind).toBe('unreachable');
  expect(error.message).toMatch(/certificate/i);
  expect(fake.requests).toEqual([]);
});

it('sends tls-server-name and checks the certificate against it', async () => {
  const fake = await tlsServer(authority.issue('/CN=server', ['DNS:kube.internal']));
  const caData = base64(authority.cert);
  const api = client({ server: fake.url.href, cluster: { caData, tlsServerName: 'kube.internal' } });
  await api.get(ref);
  expect(fake.requests[0]?.servername).toBe('kube.internal');
  const wrong = client({ server: fake.url.href, cluster: { caData } }, { timing: { windowMs: 50 } });
  expect((await refusal(wrong.get(ref))).message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
});

describe('through a proxy', () => {
  it.each([
    ['proxy-url of the kubeconfig', (url: string) => ({ cluster: { proxyUrl: url }, env: {} })],
    ['HTTPS_PROXY', (url: string) => ({ cluster: {}, env: { HTTPS_PROXY: url } })],
  ])('tunnels calls over two connections with the proxy’s credentials, by %s', async (_name, how) => {
    const fake = await tlsServer();
    const proxy = owned(await ConnectProxy.to(fake.url));
    const { cluster, env } = how(`http://me:pass@127.0.0.1:${proxy.port}`);
    const api = client(
      { server: 'https://api.example.com', cluster: { caData: base64(authority.cert), ...cluster } },
      { env },
    );
    await Promise.all(Array.from({ length: 20 }, () => api.get(ref)));
    expect(proxy.tunnels).toEqual(
      Array(2).fill({ to: 'api.example.com:443', authorization: `Basic ${base64('me:pass')}` }),
    );
    expect(fake.requests).toHaveLength(20);
    expect(fake.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('sends tls-server-name through the tunnel', async () => {
    const fake = await tlsServer(authority.issue('/CN=server', ['DNS:kube.internal']));
    const proxy = owned(await ConnectProxy.to(fake.url));
    const cluster = {
      caData: base64(authority.cert),
      proxyUrl: `http://127.0.0.1:${proxy.port}`,
      tlsServerName: 'kube.internal',
    };
    await client({ server: 'https://api.example.com', cluster }).get(ref);
    expect(fake.requests[0]?.servername).toBe('kube.internal');
  });

  it('reports an unreachable proxy without its password', async () => {
    const proxyUrl = 'http://me:hunter2@127.0.0.1:1';
    const api = client({ server: 'https://api.example.com', cluster: { proxyUrl } }, { timing: { windowMs: 50 } });
    const error = await refusal(api.get(ref));
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(error.message + error.stack).not.toContain('hunter2');
  });
});

describe('rotation', () => {
  it('opens new connections for a new client certificate, and closes the old ones', async () => {
    const fake = await tlsServer();
    const config = (who: Cert) => {
      const user = { certData: base64(who.cert), keyData: base64(who.key) };
      return kubeConfig({ server: fake.url.href, cluster: { caData: base64(authority.cert) }, user });
    };
    let current = config(alice);
    fake.answer((request, response) =>
      request.client === 'alice' && fake.requests.length > 1
        ? json(401, { kind: 'Status' })(request, response)
        : undefined,
    );
    const connection = owned(new Connection('test', () => current, { userAgent: 'x', env: {} }));
    const get = () => connection.json({ call: { verb: 'get', resource: 'x' }, method: 'GET', path: '/x' });
    await get();
    current = config(bob);
    // The server's refusal makes the connection read the new certificate.
    await get();
    expect(fake.requests.map(({ client: name }) => name)).toEqual(['alice', 'alice', 'bob']);
    expect(connection.routeChanges).toBe(1);
    await until('the old connection is closed', () => fake.open === 1);
  });

  it('reads the CA again at once if the server’s certificate has a new authority', async () => {
    const fake = await tlsServer();
    const config = (ca: Authority) => kubeConfig({ server: fake.url.href, cluster: { caData: base64(ca.cert) } });
    let current = config(authority);
    const connection = owned(
      new Connection('test', () => current, {
        userAgent: 'x',
        env: {},
        // All retries end before the credentials are 5 s old, when they would be read again anyway.
        timing: { windowMs: 3_000 },
      }),
    );
    const get = () => connection.json({ call: { verb: 'get', resource: 'x' }, method: 'GET', path: '/x' });
    await get();
    fake.setCertificate(other.issue('/CN=server', ['IP:127.0.0.1']));
    fake.cut();
    current = config(other);
    await get();
    expect(connection.routeChanges).toBe(1);
  });
});

describe('close', () => {
  it('ends open streams, running calls and all connections, and refuses later calls', async () => {
    const fake = await tlsServer();
    fake.answer((request, response) => {
      if (request.path === '/stream') return response.writeHead(200).write('x');
      return request.path === '/never' ? silence(request, response) : undefined;
    });
    const config = kubeConfig({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
    const connection = new Connection('test', () => config, { userAgent: 'x', env: {} });
    const request = { call: { verb: 'get', resource: 'x' }, method: 'GET' } as const;
    const body = await connection.stream({ ...request, path: '/stream', silenceMs: 60_000, lane: 'dedicated' });
    const shared = await connection.stream({ ...request, path: '/stream', silenceMs: 60_000, lane: 'urgent' });
    const waiting = connection.stream({ ...request, path: '/stream', silenceMs: 60_000, lane: 'urgent' });
    const never = refusal(connection.json({ ...request, path: '/never' }));
    const refused = refusal(waiting);
    await until('all requests have arrived', () => fake.requests.length === 3);
    await connection.close();
    expect((await never).message).toContain('the connection was closed');
    expect((await refused).message).toContain('the connection was closed');
    await until('no connection is left', () => fake.open === 0);
    expect(body.destroyed && shared.destroyed).toBe(true);
    expect((await refusal(connection.json({ ...request, path: '/x' }))).message).toContain('the connection was closed');
  });

  it('leaves no socket and no timer behind, even after failures', async () => {
    const before = process.getActiveResourcesInfo().length;
    const fake = await FakeApiServer.start();
    fake.answer(json(200, {})).script(hangUp, hangUp);
    const config = kubeConfig({ server: fake.url.href });
    const connection = new Connection('test', () => config, { userAgent: 'x', env: {}, timing: { firstMs: 1 } });
    const request = { call: { verb: 'get', resource: 'x' }, method: 'GET', path: '/x' } as const;
    await Promise.all([connection.json(request), connection.json(request)]);
    await connection.close();
    await fake.close();
    await until('nothing is left', () => process.getActiveResourcesInfo().length <= before);
  });
});

it.each<[string, (fake: FakeApiServer, stop: AbortController) => void]>([
  ['aborted', (_fake, stop) => stop.abort(new Error('cancelled'))],
  ['cut', (fake) => fake.cut()],
])('survives a stream that is %s before it is read', async (_name, end) => {
  const fake = await tlsServer();
  fake.answer((_request, response) => response.writeHead(200).write('x'));
  const config = kubeConfig({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
  const connection = owned(new Connection('test', () => config, { userAgent: 'x', env: {} }));
  const stop = new AbortController();
  const body = await connection.stream({
    call: { verb: 'watch', resource: 'pods' },
    method: 'GET',
    path: '/x',
    silenceMs: 1_000,
    lane: 'dedicated',
    signal: stop.signal,
  });
  const closed = new Promise((resolve) => body.once('close', resolve));
  end(fake, stop);
  await closed;
});

it('answers calls while one endless log is read and others wait', async () => {
  const fake = await tlsServer();
  fake.answer((request, response) => (/log$/.test(request.path) ? response.writeHead(200).write('x') : undefined));
  const api = client({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
  const streams = Array.from({ length: 10 }, () =>
    api.connection.stream({
      call: { verb: 'get', resource: 'pods/log' },
      method: 'GET',
      path: '/api/v1/log',
      silenceMs: 60_000,
      lane: 'urgent',
    }),
  );
  for (const stream of streams) stream.catch(() => undefined);
  await streams[0];
  await Promise.all(Array.from({ length: 100 }, () => api.list(PODS, { namespace: 'ns' }).catch(() => undefined)));
  expect(fake.count('GET', /pods$/)).toBe(100);
  expect(fake.mostOpen).toBe(2);
  expect(fake.count('GET', /log$/)).toBe(1);
  (await streams[0])?.destroy();
  await streams[1];
});

it('fails a call on a stalled connection with `timeout`, and uses another one for the next call', async () => {
  const fake = await tlsServer();
  const proxy = owned(await FaultProxy.before(fake.url));
  const cluster = { caData: base64(authority.cert) };
  const api = client({ server: `https://127.0.0.1:${proxy.port}`, cluster }, { timing: { readMs: 1_500 } });
  await api.get(ref);
  proxy.stall();
  const start = performance.now();
  expect(await refusal(api.get(ref))).toMatchObject({ kind: 'timeout' });
  // undici gives up connecting only after 5 s.
  expect(performance.now() - start).toBeLessThan(4_500);
  proxy.unstall();
  await api.get(ref);
});

it('aborts at once a call that waits for a connection', async () => {
  const fake = await tlsServer();
  fake.answer(silence);
  const api = client({ server: fake.url.href, cluster: { caData: base64(authority.cert) } });
  const stop = new AbortController();
  const stuck = [api.get(ref, stop.signal), api.get(ref, stop.signal)].map((call) => call.catch(() => undefined));
  await until('both connections are taken', () => fake.requests.length === 2);
  const behind = new AbortController();
  const call = api.get(ref, behind.signal).catch((error: unknown) => error);
  const reason = new Error('cancelled');
  behind.abort(reason);
  expect(await call).toBe(reason);
  stop.abort(reason);
  await Promise.all(stuck);
});

it('retries after an answer that was truncated', async () => {
  const fake = await tlsServer();
  fake.answer(json(200, { metadata: { name: 'a' }, data: { big: 'x'.repeat(100_000) } }));
  const proxy = owned(await FaultProxy.before(fake.url));
  const api = client({ server: `https://127.0.0.1:${proxy.port}`, cluster: { caData: base64(authority.cert) } });
  proxy.truncateAfter(50_000);
  const call = api.get(ref);
  await until('the first try has arrived', () => fake.requests.length >= 1);
  proxy.truncateAfter(Number.POSITIVE_INFINITY);
  expect(await call).toMatchObject({ metadata: { name: 'a' } });
});
