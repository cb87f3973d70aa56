import { expect, it } from 'vitest';
import { lookUpDependencies } from '../../src/activities/look-up-dependencies.ts';
import { client, owned } from '../fakes/client.ts';
import { FakeApiServer, json, silence, status } from '../fakes/fake-api-server.ts';

const never = new AbortController().signal;
const list = (...items: object[]) => json(200, { metadata: { resourceVersion: '1' }, items });
const wanted = (namespace: string, labels = { app: 'p' }, ...validators: string[]) => ({
  namespace,
  labels,
  validators: validators.length === 0 ? ['a'] : validators,
});

async function server(): Promise<FakeApiServer> {
  return owned(await FakeApiServer.start())
    .answer(({ path }, response) => (path.includes('/there/') ? list({ metadata: {} }) : list())({} as never, response))
    .answer(({ path }, response) =>
      path.includes('/secret/') ? status(403, 'Forbidden', 'you may not')({} as never, response) : undefined,
    );
}

it('lists one pod for each selector, and warns of selectors that match none, fail or are malformed', async () => {
  const fake = await server();
  const pods = [wanted('there'), wanted('empty', { app: 'p' }, 'a', 'b'), wanted('secret'), wanted('x', { app: ' ' })];
  const warnings = await lookUpDependencies(client({ server: fake.url.href }), pods, never);
  expect(warnings).toEqual([
    expect.stringMatching(/^validator a: .* matched zero pods .*namespace="empty"/),
    expect.stringMatching(/^validator b: .* matched zero pods .*namespace="empty"/),
    expect.stringMatching(/^validator a: .* lookup failed; .*error=".*you may not.*namespace="secret"/),
    expect.stringMatching(/^validator a: .* is malformed; skipping lookup/),
  ]);
  expect(fake.requests.map(({ path, query }) => `${path}?${query}`).sort()).toEqual([
    '/api/v1/namespaces/empty/pods?labelSelector=app%3Dp&limit=1',
    '/api/v1/namespaces/secret/pods?labelSelector=app%3Dp&limit=1',
    '/api/v1/namespaces/there/pods?labelSelector=app%3Dp&limit=1',
  ]);
});

it('looks up fifty selectors at most, and says how many it left out', async () => {
  const fake = await server();
  const pods = Array.from({ length: 52 }, (_, i) => wanted('there', { app: `p${i}` }));
  const warnings = await lookUpDependencies(client({ server: fake.url.href }), pods, never);
  expect(warnings).toEqual(['2 more selectors of dependencyAffinity were not looked up']);
  expect(fake.requests).toHaveLength(50);
});

it('does not wait for a server that does not answer', async () => {
  const fake = await server();
  fake.answer((asked, response) => (asked.path.includes('/silent/') ? silence(asked, response) : undefined));
  const pods = [wanted('silent')];
  const warnings = await lookUpDependencies(client({ server: fake.url.href }), pods, never, 100);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^validator a: .* lookup failed; .*error="The operation was aborted due to timeout".namespace="silent"/,
    ),
  ]);
});

it('throws instead of warning if the activity is cancelled', async () => {
  const fake = await server();
  const cancelled = AbortSignal.abort(new Error('cancelled'));
  await expect(lookUpDependencies(client({ server: fake.url.href }), [wanted('empty')], cancelled)).rejects.toThrow(
    'cancelled',
  );
});
