import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'ctrf';
import { beforeAll, expect, it } from 'vitest';
import type { RunResult } from '../../src/client.ts';
import { command, createSite, type Site, stack, traces } from './harness.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

let site: Site;

beforeAll(async () => {
  site = await createSite('cli');
  await site.startWorker();
});

/** The arguments of each `temporal workflow` command in the README, word for word. */
function commandsInReadme(): string[][] {
  const lines = readme.replaceAll(/\\\n\s*/g, '').split('\n');
  return lines
    .filter((line) => line.startsWith('temporal workflow '))
    .map((line) => line.slice('temporal '.length).split(/\s+/));
}

function temporal(args: string[], ...more: string[]): Promise<string> {
  return command(stack.temporal.cli, [...args, ...more], site.env);
}

/** How these validators of the example catalog end on a healthy cluster. All others pass. */
const ENDINGS: Record<string, [status: string, cause: string]> = {
  dns: ['skipped', 'completed'],
  'always-fails': ['failed', 'completed'],
  'always-skips': ['skipped', 'completed'],
  'out-of-memory': ['other', 'oom'],
  'missing-image': ['other', 'image-pull'],
  'outlives-its-timeout': ['other', 'deadline'],
};

it('the README’s Temporal CLI commands start the example run and print its result', {
  timeout: 600_000,
}, async () => {
  const [start = [], result = []] = commandsInReadme();
  expect(start.slice(0, 2)).toEqual(['workflow', 'start']);
  expect(result.slice(0, 2)).toEqual(['workflow', 'result']);
  await temporal(start);
  const printed = await temporal(result, '--output', 'json');
  const run = (JSON.parse(printed) as { result: RunResult }).result;

  expect(run).toMatchObject({ verdict: 'failed', cluster: 'local', cleanup: 'complete' });
  expect(validate(run.report).valid).toBe(true);
  for (const test of run.report.results.tests) {
    const [status, cause] = ENDINGS[test.name] ?? ['passed', 'completed'];
    expect({ name: test.name, status: test.status, cause: test.rawStatus, message: test.message }).toMatchObject({
      name: test.name,
      status,
      cause,
    });
  }
  const names = run.report.results.tests.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(ENDINGS), 'uses-sentinels', 'prints-5000-lines']));
  const sentinels = run.report.results.tests.find(({ name }) => name === 'uses-sentinels');
  // The example's image has a tag, which may move. Proctor therefore reads its provenance but does not publish it.
  expect(sentinels?.extra).toMatchObject({
    gpus: '8',
    logWarning: expect.stringContaining('the provenance is not published'),
  });
  expect(sentinels?.extra).not.toHaveProperty('runtimeProvenance');
  const verbose = run.report.results.tests.find(({ name }) => name === 'prints-5000-lines');
  expect(verbose?.stdout?.length ?? 0).toBeLessThanOrEqual(1000);
  expect((await traces(run.runId)).sort()).toEqual(run.reports.map((name) => `ConfigMap/${name}`).sort());
});
