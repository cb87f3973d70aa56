import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Comments and prose wrap here; a line that holds one long word, such as a link, cannot. */
const MAX_WIDTH = 120;

/** Words that a reader has to decode, and what to write instead (CONTRIBUTING.md, "English"). */
const DECODED: readonly [RegExp, string][] = [
  [/\bwhoever\b/i, 'name the person or the program'],
  [/\bfor ever\b/i, 'indefinitely'],
  [/\banew\b/i, 'again'],
  [/\btroubles?\b/i, 'failure, problem or outage'],
  [/\b(is|are|was|were|be) told\b/i, 'say who reports what'],
  [/\bmighty\b/i, 'which permissions'],
  [/\b(goes|go|went|going) on\b/i, 'continues'],
  [/\blets? go\b/i, 'releases'],
  [/\b(is|are|was|were|been) away\b/i, 'unreachable'],
  [/\btak(e|es|en|ing) (it |them |all |everything )?back\b/i, 'remove, clean up'],
  [/\b(design|temporal|peers)\.md\b|(?<!docs\/)contract\.md, /, 'cite docs/contract.md or the source itself'],
  [/\bthe seed('s)?\b/i, 'cite docs/contract.md or the source itself'],
];

/** Code whose comments and test titles are read. */
const CODE = /\.(ts|mjs|mts)$/;
const SKIPPED = /node_modules|\/histories\/|\/golden\/.*\.json$/;

export interface Offence {
  at: string;
  text: string;
  instead: string;
}

/**
 * Each comment, test title and line of prose, below these folders or in these files, that is too wide or needs
 * decoding.
 */
export function offences(root: string, paths: readonly string[]): Offence[] {
  return paths
    .flatMap((path) => filesBelow(join(root, path)))
    .filter((file) => (CODE.test(file) || file.endsWith('.md')) && !SKIPPED.test(file))
    .flatMap((file) => offencesOf(relative(root, file), readFileSync(file, 'utf8')));
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

function offencesOf(file: string, text: string): Offence[] {
  const lines = text.split('\n').map((line, i) => ({ line, at: `${file}:${i + 1}` }));
  const read = file.endsWith('.md') ? prose(lines) : lines.filter(({ line }) => isComment(line) || isTitle(line));
  return read.flatMap(({ line, at }) => [
    ...(isTooWide(file, line) ? [{ at, text: line.trim(), instead: `wrap at ${MAX_WIDTH}` }] : []),
    ...DECODED.filter(([word]) => word.test(line)).map(([, instead]) => ({ at, text: line.trim(), instead })),
  ]);
}

type Line = { line: string; at: string };

/** A Markdown file without its code blocks. */
function prose(lines: Line[]): Line[] {
  let inCode = false;
  return lines.filter(({ line }) => {
    if (line.trimStart().startsWith('```')) {
      inCode = !inCode;
      return false;
    }
    return !inCode;
  });
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*\*?|\*)/.test(line);
}

function isTitle(line: string): boolean {
  return /^\s*(it|test|describe)(\.\w+)*\(/.test(line);
}

/** A table's row cannot be wrapped, nor can one long word. */
function isTooWide(file: string, line: string): boolean {
  if (line.length <= MAX_WIDTH || !(isComment(line) || file.endsWith('.md'))) return false;
  return (
    !line.trimStart().startsWith('|') &&
    line
      .trim()
      .split(/\s+/)
      .every((word) => word.length < 100)
  );
}
