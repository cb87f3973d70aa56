/** Checks every golden file of a directory, for the script and for the tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './difference.ts';
import { checkJob } from './jobs.ts';
import { checkBuild, checkMerge } from './reports.ts';
import { type Check, TABLES } from './tables.ts';

/** The result for one case or one row: `difference` is set if it failed. */
export interface Checked {
  name: string;
  difference?: string;
}

export function checkDirectory(directory: string): Checked[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return files.toSorted().flatMap((name) => checkFile(name, readFileSync(join(directory, name), 'utf8')));
}

export function checkFile(name: string, text: string): Checked[] {
  const golden = JSON.parse(text);
  if (golden.case !== undefined) return [checked(name, () => checkJob(golden))];
  const check = rowCheck(name, golden.table);
  if (check === undefined || !Array.isArray(golden.rows))
    return [{ name, difference: '    nothing checks files of this kind' }];
  return golden.rows.flatMap((row: { name?: string; stale?: boolean }, index: number) =>
    row.stale === true
      ? []
      : [checked(`${name} row ${index}${row.name === undefined ? '' : ` (${row.name})`}`, () => check(row as never))],
  );
}

/** The check of a file's rows. A file of reports does not name a table, so the file's name decides. */
function rowCheck(name: string, table: string | undefined): Check | undefined {
  if (table !== undefined) return TABLES[table];
  if (name.startsWith('ctrf-build')) return checkBuild;
  return name.startsWith('ctrf-merge') ? checkMerge : undefined;
}

function checked(name: string, check: () => string[]): Checked {
  try {
    const lines = check();
    return lines.length === 0 ? { name } : { name, difference: report(lines) };
  } catch (error) {
    return { name, difference: `    the check itself failed: ${error instanceof Error ? error.stack : String(error)}` };
  }
}
