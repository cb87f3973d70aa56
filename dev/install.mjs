// Installs the dependencies if package-lock.json has changed, before a script that needs them. It is plain JavaScript
// and imports nothing of this repository, because the machine's own Node may be too old for TypeScript. The Node that
// runs everything else is one of the dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = `${root}package-lock.json`;
const installed = `${root}node_modules/.package-lock.json`;
/** Contains the digest of the installed lock file, whose time proves nothing: git changes it with every checkout. */
const mark = `${root}node_modules/.installed-lock`;
const digest = createHash('sha256').update(readFileSync(lock)).digest('hex');

function isInstalled() {
  if (existsSync(mark)) return readFileSync(mark, 'utf8') === digest;
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}

if (!isInstalled()) {
  console.error('installing dependencies (npm ci)');
  const options = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', ...options], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== digest) writeFileSync(mark, digest);
