import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from '../dev/text-table.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The value at or below which this share of the values lies (nearest rank). NaN if there are no values. */
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

/** Does work and measures its time. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const from = performance.now();
  const value = await work();
  return { ms: performance.now() - from, value };
}

/** A figure and its target. */
export interface Target {
  name: string;
  value: number;
  /** The largest value that reaches the target. */
  most?: number;
  /** The smallest value that reaches the target. */
  least?: number;
}

export function targetRow({ name, value, most, least }: Target): Cell[] {
  const isReached = value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY);
  return [name, round(value), most === undefined ? `≥ ${least}` : `≤ ${most}`, isReached ? '✓' : '✗ not reached'];
}

function resultFile(name: string): string {
  return join(ROOT, 'bench', 'results', `${name}.json`);
}

/** Reads what {@link writeResult} wrote. */
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
