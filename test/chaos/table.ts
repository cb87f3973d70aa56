import type { RoundResult } from './round.ts';

/** A row of the table: the sum of all rounds of a fault. */
export interface Row {
  fault: string;
  times: number;
  verdictsLost: number;
  extraJobs: number;
  extraExecutions: number;
  leftovers: number;
}

export function rowsOf(played: readonly RoundResult[]): Row[] {
  const rows = new Map<string, Row>();
  for (const round of played) {
    const none = { times: 0, verdictsLost: 0, extraJobs: 0, extraExecutions: 0, leftovers: 0 };
    const row = rows.get(round.faults) ?? { fault: round.faults, ...none };
    row.times += round.injected;
    row.verdictsLost += round.verdictsLost.length;
    row.extraJobs += round.extraJobs.length;
    row.extraExecutions += round.extraExecutions.length;
    row.leftovers += round.leftovers.length;
    rows.set(round.faults, row);
  }
  return [...rows.values()];
}

export function totalOf(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    fault: 'all',
    times: sum(({ times }) => times),
    verdictsLost: sum(({ verdictsLost }) => verdictsLost),
    extraJobs: sum(({ extraJobs }) => extraJobs),
    extraExecutions: sum(({ extraExecutions }) => extraExecutions),
    leftovers: sum(({ leftovers }) => leftovers),
  };
}

const HEAD = ['fault', 'times', 'verdicts lost', 'extra Jobs', 'extra executions', 'leftovers'];

/** The rows and their total as a Markdown table that is also readable in a terminal. */
export function markdown(rows: readonly Row[]): string {
  const cells = [...rows, totalOf(rows)].map(({ fault, ...counts }) => [fault, ...Object.values(counts).map(String)]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(HEAD), rule, ...cells.map(line)].join('\n');
}
