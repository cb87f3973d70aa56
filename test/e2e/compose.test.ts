import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Docker's Compose plugin or Debian's program of that name. Both check a file without a running engine. */
let compose: string[];

async function works(command: string[]): Promise<boolean> {
  const [file = '', ...args] = command;
  return run(file, [...args, 'version']).then(
    () => true,
    () => false,
  );
}

beforeAll(async () => {
  for (const candidate of [['docker', 'compose'], ['docker-compose']]) {
    if (await works(candidate)) {
      compose = candidate;
      return;
    }
  }
  console.error('installing Debian package docker-compose, to check docker-compose.yml');
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'docker-compose'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  compose = ['docker-compose'];
}, 300_000);

it('Compose accepts docker-compose.yml with and without the k3s profile', async () => {
  const [file = '', ...args] = compose;
  const check = (...profile: string[]) =>
    run(file, [...args, '-f', 'docker-compose.yml', ...profile, 'config', '--quiet'], { cwd: root });
  await check();
  await check('--profile', 'k3s');
  const broken = run(file, [...args, '-f', '-', 'config', '--quiet'], { cwd: root });
  broken.child.stdin?.end('services: {a: {imagge: b}}');
  await expect(broken).rejects.toThrow();
});

it('every image of docker-compose.yml and the Dockerfile has a tag that names a version', () => {
  const { services } = parse(readFileSync(`${root}docker-compose.yml`, 'utf8')) as {
    services: Record<string, { image: string }>;
  };
  const from = readFileSync(`${root}Dockerfile`, 'utf8').matchAll(/^FROM (\S+)/gm);
  const images = [...Object.values(services).map(({ image }) => image), ...[...from].map(([, image = '']) => image)];
  expect(images.length).toBeGreaterThan(5);
  for (const image of images) expect(image).toMatch(/:v?\d+\.\d+[^:]*$/);
});
