import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { offences } from './words.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PATHS = ['src', 'test', 'dev', 'bench', 'scripts', 'docs', 'examples/README.md'];
const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const MAX_LINES = 300;

it('comments, test titles and docs wrap at 120 columns and use plain words', () => {
  expect(offences(root, [...PATHS, ...PAGES])).toEqual([]);
});

it('no file of src/ has more than 300 lines', () => {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const long = files.filter((name) => readFileSync(`${root}src/${name}`, 'utf8').split('\n').length > MAX_LINES + 1);
  expect(long).toEqual([]);
});

it('the word list finds a wide line and a word to replace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proctor-words-'));
  const wide = `${'wide '.repeat(25)}\n`;
  writeFileSync(join(folder, 'page.md'), `It retries for ${'ever'}.\n\n${wide}`);
  const found = offences(folder, ['page.md']);
  rmSync(folder, { recursive: true });
  expect(found.map(({ at, instead }) => `${at}: ${instead}`)).toEqual([
    'page.md:1: indefinitely',
    'page.md:3: wrap at 120',
  ]);
});

it('no two files of src/ have the same name, except the two entry points of workers', () => {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const names = files.map((file) => basename(file));
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  expect(repeated).toEqual(['index.ts']);
});
