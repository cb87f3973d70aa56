import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The value below which that share of the values lies (nearest rank); NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + upper) / 2;
}

export function round(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Milliseconds that the work took, and what it came to. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const from = performance.now();
  const value = await work();
  return { ms: performance.now() - from, value };
}

type Cell = string | number | undefined;

/** Rows of text, the columns aligned: texts to the left, columns of numbers to the right. */
export function table(head: string[], rows: Cell[][]): string {
  const text = (cell: Cell) => (cell === undefined ? '-' : String(cell));
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column]);
    const width = Math.max(title.length, ...cells.map((cell) => text(cell).length));
    return { width, isNumbers: cells.length > 0 && cells.every((cell) => typeof cell === 'number') };
  });
  const line = (cells: Cell[]) =>
    columns
      .map(({ width, isNumbers }, column) =>
        isNumbers ? text(cells[column]).padStart(width) : text(cells[column]).padEnd(width),
      )
      .join('  ')
      .trimEnd();
  return [line(head), line(columns.map(({ width }) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A figure beside what it must be. */
export interface Target {
  name: string;
  value: number;
  /** The most it may be, or the least. */
  most?: number;
  least?: number;
}

export function targetRow({ name, value, most, least }: Target): Cell[] {
  const held = value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY);
  return [name, round(value), most === undefined ? `≥ ${least}` : `≤ ${most}`, held ? '✓' : '✗ not reached'];
}

function resultFile(name: string): string {
  return join(ROOT, 'bench', 'results', `${name}.json`);
}

/** What an earlier benchmark wrote. */
export function readResult<T>(name: string): T {
  return JSON.parse(readFileSync(resultFile(name), 'utf8')) as T;
}

/** Writes `bench/results/<name>.json`. */
export function writeResult(name: string, result: unknown): void {
  const file = resultFile(name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`\nwritten: ${relative(process.cwd(), file)}`);
}
