/**
 * A StrykerJS test runner that imports the unit tests once into its own process, and then runs the covering tests for
 * each mutant, which takes milliseconds. Vitest's own runner starts a worker for each mutant, which takes two seconds.
 */
import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Slower tests are left out: they would run thousands of times, and other tests cover the same code. */
const TOO_SLOW_MS = 1000;

/** The state of a Vitest worker that `expect` reads. */
globalThis.__vitest_worker__ ??= { config: {}, ctx: {}, environment: { name: 'node' } };
const { expect } = await import('vitest');
const { default: fc } = await import('fast-check');
fc.configureGlobal({ numRuns: 5, seed: 42 });

/** The tests of the latest load. They are loaded again for a mutant in code that runs when its module is loaded. */
let tests = [];
let generation = 0;
let path = [];

function describe(name, body) {
  const before = path;
  path = [...path, String(name)];
  try {
    body();
  } finally {
    path = before;
  }
}
describe.skip = () => {};
describe.each = (table) => (name, body) => {
  for (const [i, row] of rows(table)) describe(`${name} [${i}]`, () => body(...row));
};

function it(name, a, b) {
  const body = typeof a === 'function' ? a : b;
  const id = [...path, name].join(' > ');
  tests.push({ id: `${id} (${tests.length})`, name: id, body, ms: 0 });
}
it.skip = () => {};
it.each = (table) => (name, a, b) => {
  const body = typeof a === 'function' ? a : b;
  for (const [i, row] of rows(table)) it(`${name} [${i}]`, () => body(...row));
};

function rows(table) {
  return [...table].map((row) => (Array.isArray(row) ? row : [row])).entries();
}

globalThis.__proctorTestApi = { describe, it, test: it, expect };
const SHIM = `data:text/javascript,${encodeURIComponent('export const { describe, it, test, expect } = globalThis.__proctorTestApi;')}`;
/** The project's modules are loaded again in each generation, as in a new worker. */
const OURS = pathToFileURL(process.cwd()).href;
registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === 'vitest' && context.parentURL?.includes('/test/')) return { url: SHIM, shortCircuit: true };
    const found = next(specifier, context);
    const isOurs = found.url.startsWith(OURS) && !found.url.includes('/node_modules/');
    return isOurs ? { ...found, url: `${found.url.split('?')[0]}?g=${generation}` } : found;
  },
});

globalThis.__stryker__ ??= {};
const ns = globalThis.__stryker__;

async function load() {
  const before = tests;
  tests = [];
  generation++;
  for (const name of readdirSync('test', { recursive: true }).sort())
    if (name.endsWith('.test.ts')) await import(pathToFileURL(resolve('test', name)).href);
  const known = new Map(before.map(({ id, ms }) => [id, ms]));
  for (const test of tests) test.ms = known.get(test.id) ?? test.ms;
  return tests.filter(({ ms }) => ms < TOO_SLOW_MS);
}

let pristine;

async function runOne(test) {
  const from = performance.now();
  ns.currentTestId = test.id;
  const result = { id: test.id, name: test.name };
  try {
    await test.body();
    return { ...result, status: 0, timeSpentMs: performance.now() - from };
  } catch (error) {
    return {
      ...result,
      status: 1,
      failureMessage: String(error?.message ?? error).slice(0, 300),
      timeSpentMs: performance.now() - from,
    };
  } finally {
    ns.currentTestId = undefined;
  }
}

class Runner {
  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun() {
    const all = await load();
    const results = [];
    for (const test of all) {
      const result = await runOne(test);
      test.ms = result.timeSpentMs;
      if (test.ms < TOO_SLOW_MS) results.push(result);
      else delete ns.mutantCoverage?.perTest[test.id];
    }
    pristine = all.filter(({ ms }) => ms < TOO_SLOW_MS);
    return { status: 'complete', tests: results, mutantCoverage: ns.mutantCoverage };
  }

  async mutantRun({ testFilter, hitLimit, activeMutant, mutantActivation }) {
    ns.hitCount = 0;
    ns.hitLimit = hitLimit;
    pristine ??= await load();
    let all = pristine;
    if (mutantActivation === 'static') {
      ns.activeMutant = activeMutant.id;
      tests = pristine;
      try {
        all = await load();
      } catch (error) {
        ns.activeMutant = undefined;
        return { status: 'killed', killedBy: ['load'], failureMessage: String(error).slice(0, 300), nrOfTests: 0 };
      }
    }
    ns.activeMutant = activeMutant.id;
    const wanted = testFilter === undefined ? undefined : new Set(testFilter);
    let ran = 0;
    try {
      for (const test of all.toSorted((a, b) => a.ms - b.ms)) {
        if (wanted !== undefined && !wanted.has(test.id)) continue;
        ran++;
        const { status, failureMessage } = await runOne(test);
        if (hitLimit !== undefined && ns.hitCount > hitLimit) return { status: 'timeout', reason: 'hit limit' };
        if (status === 1) return { status: 'killed', killedBy: [test.id], failureMessage, nrOfTests: ran };
      }
    } finally {
      ns.activeMutant = undefined;
    }
    return { status: 'survived', nrOfTests: ran };
  }
}

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-process', factory: Object.assign(() => new Runner(), { inject: [] }) },
];
