import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { ProctorClient } from '../src/client.ts';
import { planLocally } from '../src/plan-locally.ts';
import { isSelfContained } from '../src/run/plan/inline-sources.ts';

const inline = { validators: [{ name: 'a', phase: 'deployment', image: 'img:1' }] };
const file = { file: 'examples/quick-catalog.yaml' };

it('plans a request with inline catalogs in the client, and one with a catalog file if asked to', async () => {
  // A lazy connection to a port where nothing listens: the test fails if the client calls Temporal.
  const proctor = new ProctorClient(new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }));
  expect((await proctor.plan({ cluster: 'c', catalog: { inline } })).jobs).toHaveLength(1);
  expect((await proctor.plan({ cluster: 'c', catalog: file }, { locally: true })).jobs.length).toBeGreaterThan(1);
  expect(isSelfContained({ cluster: 'c', catalog: { inline }, baseCatalog: { inline } })).toBe(true);
  expect(isSelfContained({ cluster: 'c', catalog: file })).toBe(false);
  expect(isSelfContained({ cluster: 'c', catalog: { inline }, baseCatalog: file })).toBe(false);
  await proctor.close();
});

it('merges an inline catalog over a base catalog from a file', () => {
  const { jobs } = planLocally({ cluster: 'c', baseCatalog: file, catalog: { inline } });
  expect(jobs.length).toBe(planLocally({ cluster: 'c', catalog: file }).jobs.length + 1);
});

it('reports the faults of both catalogs at once', () => {
  const configMap = { name: 'c', key: 'k' };
  expect(() => planLocally({ cluster: 'c', baseCatalog: { file: 'no-such.yaml' }, catalog: { configMap } })).toThrow(
    /request\.baseCatalog\.file: ENOENT.*\n.*request\.catalog\.configMap: is on the cluster, which a local plan does not read/,
  );
});
