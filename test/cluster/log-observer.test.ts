import { expect, it } from 'vitest';
import { until } from '../../dev/poll.ts';
import { logObserver } from '../../src/cluster/log-observer.ts';
import { JOBS } from '../../src/cluster/resources.ts';
import { ResourceWatch } from '../../src/cluster/watch/resource-watch.ts';
import { client, owned } from '../fakes/client.ts';
import { FakeApiServer, hangUp, json } from '../fakes/fake-api-server.ts';
import { FakeStore } from '../fakes/fake-store.ts';
import { FaultProxy } from '../fakes/fault-proxy.ts';

it('logs one warning and one line at the end of an outage, and counts every transition', async () => {
  const store = owned(await FakeStore.start());
  const proxy = owned(await FaultProxy.before(store.server.url));
  const lines: string[] = [];
  const observer = logObserver((level, message) => {
    if (level !== 'debug') lines.push(`${level} ${message}`);
  });
  const api = client({ server: `http://127.0.0.1:${proxy.port}` }, { observer, timing: { windowMs: 10 } });
  const watch = new ResourceWatch(
    api,
    { resource: JOBS, namespace: 'ns' },
    { listed: () => undefined, changed: () => undefined, deleted: () => undefined },
    { ownConnection: true, timing: { backoffFirstMs: 2, unreachableMostMs: 10 } },
  );
  await until('it watches', () => watch.state === 'watching');
  await proxy.refuse();
  await until('it tried a few times', () => (observer.counts.get('watch jobs.batch connecting failed') ?? 0) > 3);
  await proxy.accept();
  await until('it watches again', () => watch.state === 'watching');
  watch.stop();
  await watch.done;
  expect(lines).toEqual([
    expect.stringMatching(
      /^warn watch of jobs.batch in namespace ns on cluster test fails and is being retried: unreachable: /,
    ),
    expect.stringMatching(/^info watch of jobs.batch in namespace ns on cluster test works again after \d+\.\d s$/),
  ]);
  expect(observer.counts.get('watch jobs.batch watching failed')).toBe(1);
});

it('counts a retry by verb, resource and kind of failure', async () => {
  const fake = owned(await FakeApiServer.start())
    .answer(json(200, {}))
    .script(hangUp);
  const debug: string[] = [];
  const observer = logObserver((_level, message) => debug.push(message));
  await client({ server: fake.url.href }, { observer }).get({ resource: JOBS, namespace: 'ns', name: 'a' });
  expect([...observer.counts]).toEqual([['retry get jobs.batch unreachable', 1]]);
  expect(debug[0]).toMatch(
    /^get jobs.batch a in namespace ns on cluster test: retry in \d+ ms after try 1: unreachable$/,
  );
});

it('ignores an observer that throws', async () => {
  const fake = owned(await FakeApiServer.start())
    .answer(json(200, { a: 1 }))
    .script(hangUp);
  const observer = {
    onRetry: () => {
      throw new Error('a bug');
    },
  };
  const api = client({ server: fake.url.href }, { observer });
  expect(await api.get({ resource: JOBS, namespace: 'ns', name: 'a' })).toEqual({ a: 1 });
});
