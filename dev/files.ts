// Writing and reading files of a stack's state.
import { closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file so that it is never incomplete, even if this process is killed meanwhile. */
export function writeAtomically(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

const TAIL_BYTES = 64 * 1024;
const LINE_LENGTH = 300;

/** The last lines of a log, however large; empty if it cannot be read. */
export function tailOf(path: string, lines = 20): string {
  try {
    const size = statSync(path).size;
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const file = openSync(path, 'r');
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    closeSync(file);
    const last = buffer.toString('utf8').trimEnd().split('\n').slice(-lines);
    return last.map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)} …` : line)).join('\n');
  } catch {
    return '';
  }
}
