import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CAUSES, finding } from '../../../src/run/ending/cause.ts';

it('leaves out evidence that is empty', () => {
  expect(finding('oom')).toStrictEqual({ cause: 'oom' });
  expect(finding('oom', '')).toStrictEqual({ cause: 'oom' });
  expect(finding('oom', 'killed')).toStrictEqual({ cause: 'oom', evidence: 'killed' });
});

it('names in docs/causes.md every cause, and no other', () => {
  const page = readFileSync(new URL('../../../docs/causes.md', import.meta.url), 'utf8');
  expect(CAUSES.filter((cause) => !page.includes(`\`${cause}\``))).toEqual([]);
  expect(causesInTables(page).filter((text) => !(CAUSES as readonly string[]).includes(text))).toEqual([]);
});

/** The cause is the first code span in the second column of the page's tables. */
function causesInTables(page: string): string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => /`([^`]+)`/.exec(row.split('|')[2] ?? '')?.[1] ?? []);
}
