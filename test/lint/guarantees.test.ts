import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();
}

it('code cites every guarantee of docs/guarantees.md, and no other', () => {
  const guarantees = matches(readFileSync(`${root}docs/guarantees.md`, 'utf8'), /^## (G\d+): /gm);
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const code = files.map((name) => readFileSync(`${root}src/${name}`, 'utf8')).join('\n');
  expect(guarantees.length).toBeGreaterThan(4);
  expect(matches(code, /\bKeeps\s(?:\*\s+)?(G\d+)\b/g)).toEqual(guarantees);
});
