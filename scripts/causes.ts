/**
 * `npm run -s causes`: injects every fault of `test/e2e/causes.test.ts` on a real cluster (the tests' own stack, which
 * PROCTOR_TEST_STACK names) and prints which cause Proctor named, how soon, and the validator's own deadline.
 * `-- --json` prints a JSON list instead. The exit code is 1 if any cause was not the expected one. The tests' own
 * output goes to standard error.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textTable } from '../dev/text-table.ts';
import { CAUSES } from '../src/run/ending/cause.ts';
import type { CauseRow } from '../test/e2e/causes/fault.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

async function runTests(rowsFile: string): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'alone', 'test/e2e/causes.test.ts'], {
    cwd: root,
    env: { ...process.env, PROCTOR_CAUSES_FILE: rowsFile },
    // Only the table goes to standard output.
    stdio: ['ignore', process.stderr, process.stderr],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function readRows(file: string): CauseRow[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const rank = ({ expected }: CauseRow) => (CAUSES as readonly string[]).indexOf(expected);
  return lines.map((line) => JSON.parse(line) as CauseRow).sort((a, b) => rank(a) - rank(b));
}

function table(rows: readonly CauseRow[]): string {
  const seconds = (ms: number | null) => (ms === null ? '-' : `${(ms / 1000).toFixed(1)} s`);
  const cells = rows.map(({ fault, expected, cause, ok, namedAfterMs, deadlineMs }) => [
    fault,
    expected,
    cause,
    ok ? 'ok' : 'NOT OK',
    seconds(namedAfterMs),
    seconds(deadlineMs),
  ]);
  return textTable(['fault', 'expected', 'cause', 'ok', 'named after', 'own deadline'], cells);
}

const folder = mkdtempSync(join(tmpdir(), 'proctor-causes-'));
const file = join(folder, 'rows.jsonl');
writeFileSync(file, '');
try {
  const code = await runTests(file);
  const rows = readRows(file);
  console.log(process.argv.includes('--json') ? JSON.stringify(rows, null, 2) : table(rows));
  process.exitCode = code !== 0 || rows.length === 0 || rows.some(({ ok }) => !ok) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
