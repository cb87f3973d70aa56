import { expect, it } from 'vitest';
import { ConfigMapStore } from '../../src/store/config-map-store.ts';
import { client, owned } from '../fakes/client.ts';
import { FakeStore } from '../fakes/fake-store.ts';

const never = new AbortController().signal;
const LABELS = { 'aicr.run/run-id': 'r', 'proctor.run/installation': 'i' };

/** A store with this many results, on a server that keeps what is applied. */
async function filled(count: number) {
  const server = owned(await FakeStore.start());
  server.server.answer(({ method, body, path }, response) => {
    if (method !== 'PATCH') return undefined;
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(server.put(path.split('/').at(-2) ?? '', JSON.parse(body))));
  });
  const store = new ConfigMapStore(client({ server: server.server.url.href }), 'ns', { labels: LABELS });
  const keys = Array.from({ length: count }, (_, i) => `proctor-result-${i}`);
  for (const key of keys) await store.put(key, { log: `of ${key}` }, never);
  return { server, store, keys };
}

it('returns the stored results with one call for each page', async () => {
  const { server, store, keys } = await filled(100);
  server.pagesOf(40);
  const before = server.server.requests.length;
  const results = await store.getAll(new Set(keys), never);
  expect([...results]).toEqual(keys.map((key) => [key, { log: `of ${key}` }]));
  const asked = server.server.requests.slice(before);
  expect(asked.map(({ query }) => query.get('limit'))).toEqual(['40', '40', '40']);
  expect(asked[0]?.query.get('labelSelector')).toBe('aicr.run/run-id=r,proctor.run/installation=i');
});

it('leaves out other keys, keys without a result, and ConfigMaps without one', async () => {
  const { server, store } = await filled(2);
  server.put('configmaps', { metadata: { name: 'proctor-result-data' } });
  const results = await store.getAll(new Set(['proctor-result-1', 'proctor-result-2', 'proctor-result-data']), never);
  expect([...results.keys()]).toEqual(['proctor-result-1']);
});

it('makes no call if there are no keys', async () => {
  const { server, store } = await filled(0);
  expect(await store.getAll(new Set(), never)).toEqual(new Map());
  expect(server.server.requests).toEqual([]);
});
