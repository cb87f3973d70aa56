import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'ctrf';
import { describe, expect, it } from 'vitest';
import { checkDirectory, checkFile } from './golden/check.ts';
import { buildRow, mergeRow } from './golden/reports.ts';

const GOLDEN = fileURLToPath(new URL('../golden', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../scripts/golden.ts', import.meta.url));

function read(name: string) {
  return readFileSync(join(GOLDEN, name), 'utf8');
}

describe('the golden files', () => {
  it('contain more than 200 cases', () => expect(checkDirectory(GOLDEN).length).toBeGreaterThan(200));

  // Each test checks its file itself, since the mutation tool counts only code that runs inside a test.
  it.each(readdirSync(GOLDEN))('agree with this code: %s', (name) => {
    expect(checkFile(name, read(name)).filter(({ difference }) => difference !== undefined)).toEqual([]);
  });
});

describe('the golden check', () => {
  const changed = (name: string, change: (text: string) => string) =>
    checkFile(name, change(read(name))).filter(({ difference }) => difference !== undefined);

  it('notices a changed Job, warning, message, log line and report', () => {
    expect(changed('job-env-plain.json', (text) => text.replace('"WARN"', '"INFO"'))).toHaveLength(1);
    expect(
      changed('job-env-plain.json', (text) => text.replace('"backoffLimit": 0', '"backoffLimit": 1')),
    ).toHaveLength(1);
    expect(
      changed('job-catalog-11-ai-service-metrics.json', (text) => text.replace('skipping', 'dropping')),
    ).toHaveLength(1);
    expect(changed('table-failure-messages.json', (text) => text.replace('within 5m0s', 'within 5m'))).toHaveLength(1);
    expect(changed('table-sentinels.json', (text) => text.replace('"lineCount": 2', '"lineCount": 3'))).toHaveLength(1);
    expect(changed('ctrf-build.json', (text) => text.replace('"tests": 3', '"tests": 4'))).toHaveLength(1);
  });

  it('names the place of a difference', () => {
    const [found] = changed('job-env-plain.json', (text) => text.replace('"backoffLimit": 0', '"backoffLimit": 1'));
    expect(found?.difference).toContain('job.spec.backoffLimit: expected 1');
  });

  it('fails on a file or a field that it does not know', () => {
    expect(checkFile('table-new.json', '{"table": "new", "rows": [{}]}')[0]?.difference).toContain('nothing checks');
    expect(checkFile('other.json', '{"rows": []}')[0]?.difference).toContain('nothing checks');
    const unknown = checkFile('job-x.json', read('job-env-plain.json').replace('"commit"', '"comit"'));
    expect(unknown[0]?.difference).toContain('input.comit: nothing compares this field');
  });

  it('skips rows marked stale', () => {
    const table = JSON.parse(read('table-failure-messages.json'));
    const stale = table.rows.filter((row: { stale?: boolean }) => row.stale).length;
    expect(checkFile('table-failure-messages.json', JSON.stringify(table))).toHaveLength(table.rows.length - stale);
  });
});

describe('npm run golden', () => {
  const run = (directory: string) => spawnSync(process.execPath, [SCRIPT, directory], { encoding: 'utf8' });

  it('counts the cases, and fails if one fails or none are found', () => {
    const directory = mkdtempSync(join(tmpdir(), 'golden-'));
    expect(run(directory)).toMatchObject({ status: 1, stdout: expect.stringContaining('0 passed, 0 failed') });
    writeFileSync(join(directory, 'job-a.json'), read('job-env-plain.json'));
    expect(run(directory)).toMatchObject({ status: 0, stdout: '1 passed, 0 failed\n' });
    writeFileSync(join(directory, 'job-b.json'), read('job-env-plain.json').replace('"value": "WARN"', '"value": "x"'));
    expect(run(directory)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/FAILED job-b.json[\s\S]*1 passed, 1 failed\n$/),
    });
  });
});

describe('reports', () => {
  const rows = (name: string) => JSON.parse(read(name)).rows;

  it('validate against the published CTRF schema', () => {
    const reports = [...rows('ctrf-build.json').map(buildRow), ...rows('ctrf-merge.json').map(timed)];
    expect(reports.length).toBeGreaterThan(4);
    for (const report of reports)
      expect(validate(report, { specVersion: '0.0.0' as never })).toMatchObject({ valid: true });
  });

  /** A merge without reports has the caller's time, which is blank in the file. */
  function timed(row: { want: { timestamp: string } }) {
    return mergeRow({ ...row, want: { timestamp: row.want.timestamp || '2026-09-08T12:00:00Z' } } as never);
  }
});

it('has golden files of at least 40 Jobs', () => {
  expect(readdirSync(GOLDEN).filter((name) => name.startsWith('job-')).length).toBeGreaterThanOrEqual(40);
});
