import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkCatalog } from '../src/run/plan/check-catalog.ts';
import { checkRequest } from '../src/run/plan/check-request.ts';
import { catalog, EXAMPLES, readCatalog } from './examples-catalog.ts';

it('Proctor accepts the example catalogs and the example request', () => {
  for (const file of ['catalog.yaml', 'quick-catalog.yaml']) {
    expect(checkCatalog(parse(readFileSync(EXAMPLES + file, 'utf8')), file)).toEqual([]);
  }
  expect(checkRequest(JSON.parse(readFileSync(`${EXAMPLES}request.json`, 'utf8')))).toEqual([]);
});

it('the example catalogs name every script, and only scripts that exist', () => {
  const scripts = readdirSync(`${EXAMPLES}validators`).filter((file) => file.endsWith('.sh') && file !== 'lib.sh');
  const named = new Set(catalog.flatMap((entry) => entry.args ?? []));
  expect(named).toEqual(new Set(scripts.map((file) => `/validators/${file}`)));
  for (const entry of readCatalog('quick-catalog.yaml')) expect(named).toContain(entry.args?.[0]);
});

it('every example entry states its resources, and outside the deployment phase also what it excludes', () => {
  for (const entry of [...catalog, ...readCatalog('quick-catalog.yaml')]) {
    expect(entry.resources, entry.name).toBeDefined();
    if (entry.phase !== 'deployment') expect(entry.exclusive, entry.name).toBeDefined();
  }
});
