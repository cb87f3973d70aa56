import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Imports that a workflow evaluates when it starts: neither `import type` nor `import()`. */
function staticImports(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)].map(([, path = '']) => path);
}

/** Every package that the static imports of a file reach, by way of the project's own files. */
function packagesReached(from: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const open = [from];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const path of staticImports(file)) {
      if (path.startsWith('.')) open.push(join(dirname(file), path));
      else packages.add(path);
    }
  }
  return packages;
}

// zod costs each cached workflow that evaluates it 0.9 MB of heap (docs/benchmarks.md).
it('workflows evaluate no package but the Temporal SDK', () => {
  expect([...packagesReached(join(SRC, 'workflows/index.ts'))].sort()).toEqual([
    '@temporalio/common',
    '@temporalio/workflow',
  ]);
});

it('the walk finds zod behind the check of a request', () => {
  expect(packagesReached(join(SRC, 'run/plan/check-request.ts'))).toContain('zod');
});
