import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const CONTRACT = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(CONTRACT).filter((name) => name.endsWith('.ts'));

/** What is not there in a workflow's sandbox, or would not give the same on replay. Comments may speak of it. */
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

const source = (name: string) => readFileSync(`${CONTRACT}${name}`, 'utf8');
const code = (name: string) =>
  source(name)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

describe('the contract is pure', () => {
  it('and is all here', () => expect(files.length).toBeGreaterThan(25));

  it.each(files)('%s', async (name) => {
    for (const forbidden of FORBIDDEN) expect(code(name)).not.toMatch(forbidden);
    await import(/* @vite-ignore */ `${CONTRACT}${name}`);
  });

  it('and stands on nothing but itself, except where YAML is read', () => {
    const imports = (name: string) => [...code(name).matchAll(/from '([^']+)'/g)].map(([, path = '']) => path);
    for (const name of files) {
      for (const path of imports(name)) expect(path).toMatch(name === 'catalog-yaml.ts' ? /^(\.\/|yaml$)/ : /^\.\//);
    }
  });

  it('and only the reader of YAML imports the reader of YAML', () => {
    for (const name of files) expect(code(name).includes("'./catalog-yaml.ts'")).toBe(false);
  });
});
