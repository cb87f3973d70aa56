import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'proctor-lint-'));
for (const part of ['biome.json', 'lint']) cpSync(join(root, part), join(folder, part), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

/** What the project's linter says of a file at this path with this source. */
function lint(path: string, source: string): { ok: boolean; said: string } {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--vcs-enabled=false', path],
    { cwd: folder, encoding: 'utf8' },
  );
  rmSync(file);
  return { ok: status === 0, said: stdout + stderr };
}

it.each([
  ['src/contract/x.ts', 'node:fs/promises', 'contract/ is pure'],
  ['src/contract/x.ts', '@temporalio/common', 'contract/ is pure'],
  ['src/contract/x.ts', '../cluster/api.ts', 'contract/ is pure'],
  ['src/report/x.ts', '../cluster/api.ts', 'report/ knows contract/ only'],
  ['src/cluster/x.ts', '../activities/failure.ts', 'cluster/ knows contract/ only'],
  ['src/store/x.ts', '../activities/failure.ts', 'store/ knows cluster/'],
  ['src/activities/x.ts', '../workflows/failure.ts', 'activities/ know'],
  ['src/activities/x.ts', '@kubernetes/client-node', 'only cluster/ talks to Kubernetes'],
  ['src/workflows/x.ts', '../cluster/api.ts', 'workflows/ know contract/'],
  ['src/workflows/x.ts', '../activities/failure.ts', 'by `import type` only'],
  ['src/client.ts', './worker.ts', 'client.ts knows'],
  ['src/cli/x.ts', '../cluster/api.ts', 'cli/ knows'],
])('%s may not import %s', (path, source, why) => {
  const { ok, said } = lint(path, `import { a } from '${source}';\n\nexport const b = a;\n`);
  expect({ ok, said }).toEqual({ ok: false, said: expect.stringContaining(why) });
});

it.each([
  ['src/workflows/x.ts', "import type { A } from '../activities/failure.ts';\n\nexport type B = A;\n"],
  ['src/cluster/x.ts', "import { a } from '../contract/names.ts';\n\nexport const b = a;\n"],
])('%s may: %s', (path, source) => {
  expect(lint(path, source)).toMatchObject({ ok: true });
});
