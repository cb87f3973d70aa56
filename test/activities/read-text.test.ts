import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readText } from '../../src/activities/read-text.ts';
import type { ClusterApi } from '../../src/cluster/api.ts';
import { MAX_TEXT_BYTES } from '../../src/run/plan/budgets.ts';
import { DEFAULT_POLICY } from '../../src/run/plan/policy.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'proctor-files-')));
const root = join(folder, 'root');
const at = (...names: string[]) => join(folder, ...names);
// None of these sources is on a cluster.
const noCluster = undefined as unknown as ClusterApi;

beforeAll(() => {
  mkdirSync(join(root, 'deep'), { recursive: true });
  mkdirSync(at('root-not'));
  for (const name of ['root/a.yaml', 'root/deep/b.yaml', 'secret.yaml', 'root-not/c.yaml', 'root/..d.yaml'])
    writeFileSync(at(name), name);
  symlinkSync(at('secret.yaml'), at('root/out.yaml'));
  symlinkSync(folder, at('root/up'));
  symlinkSync(at('root/a.yaml'), at('root/in.yaml'));
  symlinkSync(at('root/a.yaml'), at('into.yaml'));
  execFileSync('sh', ['-c', 'mkfifo "$0"', at('root/pipe')]);
  writeFileSync(at('root/large'), '');
  truncateSync(at('root/large'), MAX_TEXT_BYTES + 1);
  writeFileSync(at('root/full'), 'x'.repeat(MAX_TEXT_BYTES));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: string, fileRoots = [root]): Promise<string> {
  const reader = { api: noCluster, policy: { ...DEFAULT_POLICY, fileRoots }, namespace: 'ns' };
  return readText(reader, { file }, 'request.catalog', new AbortController().signal);
}

it.each(['root/a.yaml', 'root/deep/b.yaml', 'root/in.yaml', 'into.yaml', 'root/deep/../a.yaml', 'root/..d.yaml'])(
  'reads %s',
  async (name) => {
    expect(await read(at(name))).toMatch(/^root\//);
    expect(await read(relative(process.cwd(), at(name)))).toMatch(/^root\//);
  },
);

it.each([
  'secret.yaml',
  'root/../secret.yaml',
  'root/out.yaml',
  'root/up/secret.yaml',
  'root-not/c.yaml',
  'root',
  'not-there.yaml',
  'root/../not-there.yaml',
])('refuses %s without saying whether it exists', async (name) => {
  await expect(read(at(name))).rejects.toThrow(
    /request\.catalog\.file: .* is in none of the folders from which requests to this worker may read files: .*root/,
  );
});

it('reads nothing if no folder is allowed, and every file if / is', async () => {
  await expect(read(at('root/a.yaml'), [])).rejects.toThrow('may read files: none (');
  expect(await read(at('secret.yaml'), ['/'])).toBe('secret.yaml');
});

it('says why a file in an allowed folder cannot be read', async () => {
  await expect(read(at('root/none.yaml'))).rejects.toThrow(/ENOENT.*the worker reads it, not the caller/);
  await expect(read(at('root/deep'))).rejects.toThrow(/deep is not a file/);
  await expect(read(at('root/pipe'))).rejects.toThrow(/pipe is not a file/);
});

it('reads no more than fits into a ConfigMap', async () => {
  expect(await read(at('root/full'))).toHaveLength(MAX_TEXT_BYTES);
  await expect(read(at('root/large'))).rejects.toThrow(
    `has ${MAX_TEXT_BYTES + 1} bytes, and at most ${MAX_TEXT_BYTES}`,
  );
});
