import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'proctor-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rooms of `src/`, and which others each may import. ARCHITECTURE.md has the same table. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  kubernetes: [],
  aicr: ['kubernetes'],
  run: ['aicr', 'kubernetes'],
  cluster: ['run', 'aicr', 'kubernetes'],
  config: ['cluster', 'run', 'aicr', 'kubernetes'],
  store: ['cluster', 'run', 'aicr', 'kubernetes'],
  report: ['run', 'aicr', 'kubernetes'],
  activities: ['cluster', 'store', 'report', 'run', 'aicr', 'kubernetes'],
  workflows: ['run', 'aicr', 'kubernetes'],
  temporal: ['workflows', 'run', 'aicr', 'kubernetes'],
  cli: ['report', 'run', 'aicr', 'kubernetes'],
};
const ROOMS = Object.keys(MAY_IMPORT);

/** Packages that only some rooms may import. */
const PACKAGES: Record<string, readonly string[]> = {
  '@kubernetes/client-node': ['cluster'],
  '@temporalio/client': ['temporal'],
  '@temporalio/worker': ['temporal'],
  '@temporalio/workflow': ['workflows', 'temporal'],
  'node:fs/promises': ['cluster', 'config', 'store', 'report', 'activities', 'temporal', 'cli'],
};

interface Import {
  from: string;
  source: string;
  allowed: boolean;
}

/** Every room's import of every other room and of every package, from the room itself and from a folder inside it. */
const imports: Import[] = ROOMS.flatMap((room) => {
  const others = ROOMS.filter((other) => other !== room);
  const byRoom = others.flatMap((other) => {
    const allowed = MAY_IMPORT[room]?.includes(other) === true;
    return [
      { from: `src/${room}/to-${other}.ts`, source: `../${other}/x.ts`, allowed },
      { from: `src/${room}/inner/to-${other}.ts`, source: `../../${other}/x.ts`, allowed },
    ];
  });
  const byPackage = Object.entries(PACKAGES).map(([source, rooms]) => ({
    from: `src/${room}/to-${source.replaceAll(/\W/g, '-')}.ts`,
    source,
    allowed: rooms.includes(room),
  }));
  return [...byRoom, ...byPackage];
});

const single: Import[] = [
  { from: 'src/client.ts', source: './cluster/api.ts', allowed: false },
  { from: 'src/plan-locally.ts', source: './worker.ts', allowed: false },
  { from: 'src/run/plan/read-catalog.ts', source: 'yaml', allowed: false },
];

let refused: Set<string>;

beforeAll(() => {
  for (const part of ['biome.json', 'lint']) cpSync(join(root, part), join(folder, part), { recursive: true });
  for (const { from, source } of [...imports, ...single])
    write(from, `import { a } from '${source}';\n\nexport const b = a;\n`);
  write('src/workflows/by-type.ts', "import type { A } from '../activities/x.ts';\n\nexport type B = A;\n");
  write('src/workflows/by-value.ts', "import { a } from '../activities/x.ts';\n\nexport const b = a;\n");
  refused = lint();
});

function write(path: string, source: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), source);
}

/** The files in which the project's linter finds a forbidden import. */
function lint(): Set<string> {
  const { stdout } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', 'src'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const lines = stdout.split('\n').filter((line) => /title=(lint\/style\/noRestrictedImports|plugin)/.test(line));
  return new Set(lines.map((line) => relative(folder, /file=([^,]+)/.exec(line)?.[1] ?? line)));
}

describe('the linter', () => {
  it.each([...imports, ...single].filter(({ allowed }) => !allowed))('refuses $source in $from', ({ from }) => {
    expect(refused).toContain(from);
  });

  it.each([...imports, ...single].filter(({ allowed }) => allowed))('accepts $source in $from', ({ from }) => {
    expect(refused).not.toContain(from);
  });

  it('lets workflows import activities by type only', () => {
    expect(refused).not.toContain('src/workflows/by-type.ts');
    expect(refused).toContain('src/workflows/by-value.ts');
  });
});
