import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { ProctorClient } from '../src/client.ts';
import { isSelfContained, planLocally } from '../src/plan-locally.ts';

const inline = { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] };
const file = { file: 'examples/quick-catalog.yaml' };

it('a plan of inline catalogs asks nobody, and one of a file only where it is to', async () => {
  // Lazy: nothing listens there, and nothing is asked of it.
  const proctor = new ProctorClient(new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }));
  expect((await proctor.plan({ cluster: 'c', catalog: { inline } })).jobs).toHaveLength(1);
  expect((await proctor.plan({ cluster: 'c', catalog: file }, { here: true })).jobs.length).toBeGreaterThan(1);
  expect(isSelfContained({ cluster: 'c', catalog: { inline }, baseCatalog: { inline } })).toBe(true);
  expect(isSelfContained({ cluster: 'c', catalog: file })).toBe(false);
  expect(isSelfContained({ cluster: 'c', catalog: { inline }, baseCatalog: file })).toBe(false);
  await proctor.close();
});

it('lays a catalog of one kind over one of the other', () => {
  const { jobs } = planLocally({ cluster: 'c', baseCatalog: file, catalog: { inline } });
  expect(jobs.length).toBe(planLocally({ cluster: 'c', catalog: file }).jobs.length + 1);
});

it('tells what is wrong with both catalogs at once', () => {
  const configMap = { name: 'c', key: 'k' };
  expect(() => planLocally({ cluster: 'c', baseCatalog: { file: 'no-such.yaml' }, catalog: { configMap } })).toThrow(
    /request\.baseCatalog\.file: ENOENT.*\n.*request\.catalog\.configMap: is on the cluster, which is not asked here/,
  );
});
