import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a project's own script says, when it is not content. */
function complaint(script: string): string {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], { cwd: root, encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

it('is formatted and linted, and has nothing unused', { timeout: 120_000 }, () => {
  expect(complaint('lint')).toBe('');
});

it('has sound types', { timeout: 120_000 }, () => {
  expect(complaint('typecheck')).toBe('');
});
