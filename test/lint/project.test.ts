import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The output of one of the project's scripts if it fails. */
function complaint(script: string): string {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], { cwd: root, encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

it('the project is formatted and linted, and has no unused code', { timeout: 120_000 }, () => {
  expect(complaint('lint')).toBe('');
});

it('the project has no type errors', { timeout: 120_000 }, () => {
  expect(complaint('typecheck')).toBe('');
});
