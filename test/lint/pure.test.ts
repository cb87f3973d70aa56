import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const ROOMS = ['kubernetes', 'aicr', 'run'];
/** Files that read YAML, the second through the first, so that no workflow may import them. */
const READERS = ['aicr/catalog/catalog-yaml.ts', 'run/plan/read-catalog.ts'];

const files = ROOMS.flatMap((room) =>
  readdirSync(`${SRC}${room}`, { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
).filter((name) => name.endsWith('.ts'));

/** Code that a workflow's sandbox does not support, or that would differ on replay. */
const FORBIDDEN = [
  /from 'node:/,
  /\bBuffer\b/,
  /\bprocess\./,
  /\bDate\.now\b/,
  /new Date\(\)/,
  /\bMath\.random\b/,
  /\bcrypto\b/,
  /\.toLocale/,
  /\.localeCompare/,
  /\bIntl\b/,
  /\bsetTimeout\b/,
  /\bperformance\.now/,
  /\bfetch\(/,
  /\bconsole\./,
];

/** A file without its comments, which may name what the code may not use. */
function code(name: string): string {
  return readFileSync(`${SRC}${name}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

describe('the pure rooms', () => {
  it('hold more than fifty files', () => expect(files.length).toBeGreaterThan(50));

  it.each(files)('%s uses nothing that differs on replay', async (name) => {
    for (const forbidden of FORBIDDEN) expect(code(name)).not.toMatch(forbidden);
    await import(/* @vite-ignore */ `${SRC}${name}`);
  });

  it.each(files)('%s reads no YAML, except the readers themselves', (name) => {
    if (READERS.includes(name)) return;
    expect(code(name)).not.toMatch(/from 'yaml'|catalog-yaml\.ts'|read-catalog\.ts'/);
  });
});
