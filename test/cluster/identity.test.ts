import { beforeEach, expect, it } from 'vitest';
import { type Cluster, Clusters, connect } from '../../src/cluster/clusters.ts';
import { PODS } from '../../src/cluster/resources.ts';
import { kubeConfig, owned, refusal } from '../fakes/client.ts';
import { FakeApiServer, hangUp, json } from '../fakes/fake-api-server.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';

let fake: FakeApiServer;
let uid: string;
beforeEach(async () => {
  uid = 'one';
  fake = owned(await FakeApiServer.start()).answer((request, response) =>
    request.path.endsWith('/kube-system')
      ? json(200, { metadata: { name: 'kube-system', uid } })(request, response)
      : json(200, { metadata: {}, items: [] })(request, response),
  );
});

const reads = () => fake.count('GET', /kube-system$/);

function clusters(
  source = () => kubeConfig({ server: fake.url.href }),
  windowMs = 1_000,
): { all: Clusters; cluster: Cluster } {
  const timing = { firstMs: 2, mostMs: 20, windowMs };
  const cluster = connect('c', source, { userAgent: 'x', selector: '', env: {}, timing });
  return { all: owned(new Clusters([cluster])), cluster };
}

it('reads the identity once for many activities that start at the same time', async () => {
  const { all } = clusters();
  await Promise.all(Array.from({ length: 50 }, () => all.pinned({ name: 'c', uid: 'one' })));
  await all.pinned({ name: 'c', uid: 'one' });
  expect(reads()).toBe(1);
});

it('refuses another cluster, and names both UIDs', async () => {
  const error = await refusal(clusters().all.pinned({ name: 'c', uid: 'two' }));
  expect(error.kind).toBe('configuration');
  expect(error.message).toContain('its kube-system namespace has UID one, not two');
});

it('names the served clusters if a cluster is not among them', async () => {
  const { all } = clusters();
  expect(() => all.get('d')).toThrow('this worker serves c');
});

it('detects a cluster that was recreated at the same address during an outage', async () => {
  const proxy = owned(await FaultProxy.before(fake.url));
  const { all, cluster } = clusters(() => config);
  const config = kubeConfig({ server: `http://127.0.0.1:${proxy.port}` });
  await all.pinned({ name: 'c', uid: 'one' });
  await proxy.refuse();
  await refusal(cluster.api.list(PODS, { namespace: 'ns' }));
  uid = 'two';
  await proxy.accept();
  await cluster.api.list(PODS, { namespace: 'ns' });
  expect((await refusal(all.pinned({ name: 'c', uid: 'one' }))).message).toContain('UID two, not one');
  expect(reads()).toBe(2);
  // The new identity is cached.
  await all.pinned({ name: 'c', uid: 'two' });
  expect(reads()).toBe(2);
});

it('does not read the identity twice if that read is the first answer after an outage', async () => {
  const proxy = owned(await FaultProxy.before(fake.url));
  const config = kubeConfig({ server: `http://127.0.0.1:${proxy.port}` });
  const { all, cluster } = clusters(() => config);
  await proxy.refuse();
  await refusal(cluster.api.list(PODS, { namespace: 'ns' }));
  await proxy.accept();
  await all.pinned({ name: 'c', uid: 'one' });
  await all.pinned({ name: 'c', uid: 'one' });
  expect(reads()).toBe(1);
});

it('detects a kubeconfig that was changed to another server', async () => {
  const other = owned(await FakeApiServer.start()).answer(json(200, { metadata: { uid: 'two' } }));
  let config = kubeConfig({ server: fake.url.href, user: { token: 'a' } });
  const { all, cluster } = clusters(() => config);
  await all.pinned({ name: 'c', uid: 'one' });
  config = kubeConfig({ server: other.url.href, user: { token: 'a' } });
  fake.answer(json(401, { kind: 'Status' }));
  // The refusal makes the connection read the kubeconfig again.
  await cluster.api.list(PODS, { namespace: 'ns' });
  expect((await refusal(all.pinned({ name: 'c', uid: 'one' }))).message).toContain('UID two, not one');
});

it('reads the identity at most once more after a cut connection', async () => {
  const { all, cluster } = clusters();
  await all.pinned({ name: 'c', uid: 'one' });
  fake.script(hangUp);
  await cluster.api.list(PODS, { namespace: 'ns' });
  for (let i = 0; i < 5; i++) await all.pinned({ name: 'c', uid: 'one' });
  expect(reads()).toBe(2);
});

it('reads the identity again if the first read failed', async () => {
  fake.script(hangUp, hangUp, hangUp, hangUp, hangUp, hangUp, hangUp, hangUp, hangUp, hangUp);
  const { all } = clusters(undefined, 50);
  await refusal(all.pinned({ name: 'c', uid: 'one' })).catch(() => undefined);
  while (fake.requests.length < 11) await all.pinned({ name: 'c', uid: 'one' }).catch(() => undefined);
  expect((await all.pinned({ name: 'c', uid: 'one' })).name).toBe('c');
});

it('answers the other waiters if one of them is aborted', async () => {
  const { cluster } = clusters();
  const stop = new AbortController();
  const one = cluster.uid(stop.signal).catch((error: unknown) => error);
  const two = cluster.uid();
  const reason = new Error('cancelled');
  stop.abort(reason);
  expect(await one).toBe(reason);
  expect(await two).toBe('one');
});
