/** Tables about logs and termination messages. The input is in parts, and long outputs are hashes. */
import { createHash } from 'node:crypto';
import { decodeUtf8 } from '../../../src/aicr/go/utf8.ts';
import { createLogReducer, type LogResult } from '../../../src/aicr/result/log-reducer.ts';
import { boundTerminationBytes, boundTerminationMessage } from '../../../src/aicr/result/termination-message.ts';
import { differences, unknownKeys } from './difference.ts';
import { checkWarnings, type GoldenWarning } from './jobs.ts';

type Part = { s: string; n: number } | { b64: string; n: number } | { line: string; from: number; to: number };

interface LogRow {
  name: string;
  parts: Part[];
  inputBytes: number;
  inputSha256: string;
  note?: string;
  extra?: Record<string, string> | null;
  runtimeProvenance?: Record<string, unknown> | null;
  stdout?: ExpectedLines;
  warnings?: GoldenWarning[];
  scanError?: unknown;
}

interface ExpectedLines {
  lineCount: number;
  lines?: string[];
  firstLine?: string;
  lastLine?: string;
  sha256OfLinesJoinedByNewline: string;
  invalidUtf8LinesBase64?: Record<string, string>;
}

interface Reduced extends LogResult {
  bytes: Uint8Array[];
}

const ROW_KEYS = [
  ...['name', 'parts', 'inputBytes', 'inputSha256', 'note', 'extra', 'runtimeProvenance', 'stdout', 'warnings'],
  'scanError',
];

export function checkLog(row: LogRow): string[] {
  const input = join(row.parts);
  const intact = differences(
    { inputBytes: row.inputBytes, inputSha256: row.inputSha256 },
    { inputBytes: input.length, inputSha256: sha256(input) },
  );
  // The log whole and in pieces: both must give the same.
  const pieces = [input.length, 7, 4093].filter((size) => size > 0 && input.length / size < 100_000);
  const found = pieces.flatMap((size) =>
    checkReduced(row, input, reduce(input, size)).map((line) => `${line}  [pieces of ${size}]`),
  );
  return [
    ...intact,
    ...unknownKeys(row, ROW_KEYS, 'row'),
    ...(pieces.length === 0 ? checkReduced(row, input, reduce(input, 1)) : found),
  ];
}

function reduce(input: Uint8Array, size: number): Reduced {
  const reducer = createLogReducer();
  for (let at = 0; at < input.length; at += size) reducer.push(input.subarray(at, at + size));
  return { ...reducer.end(), bytes: reducer.lines() };
}

function checkReduced(row: LogRow, input: Uint8Array, actual: Reduced): string[] {
  if (row.note?.startsWith('the log is lost')) return goodLines(input).flatMap((line) => missing(line, actual.stdout));
  if (row.stdout === undefined) return differences([], actual.stdout, 'stdout');
  return [
    ...differences(row.extra ?? undefined, actual.extra, 'extra'),
    ...differences(row.runtimeProvenance ?? undefined, actual.provenance, 'runtimeProvenance'),
    ...checkLines(row.stdout, actual),
    ...checkWarnings(row.warnings, actual.warnings),
  ];
}

/** The lines that AICR loses because of a long line: every short line among the last 1000. */
function goodLines(input: Uint8Array): string[] {
  const text = Buffer.from(input).toString('utf8').replace(/\n+$/, '');
  return text
    .split('\n')
    .slice(-1000)
    .filter((line) => line.length > 0 && line.length <= 512 && !line.startsWith('##AICR-'));
}

function missing(line: string, stdout: readonly string[]): string[] {
  return stdout.includes(line.replace(/\r$/, ''))
    ? []
    : [`stdout: a good line is lost: ${JSON.stringify(line.slice(0, 80))}`];
}

function checkLines(expected: ExpectedLines, actual: Reduced): string[] {
  const known = [
    'lineCount',
    'lines',
    'firstLine',
    'lastLine',
    'sha256OfLinesJoinedByNewline',
    'invalidUtf8LinesBase64',
  ];
  const invalid = Object.entries(expected.invalidUtf8LinesBase64 ?? {});
  const joined = Buffer.concat(
    actual.bytes.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line])),
  );
  return [
    ...unknownKeys(expected, known, 'stdout'),
    ...differences(expected.lineCount, actual.stdout.length, 'stdout.lineCount'),
    ...(expected.lines === undefined ? [] : differences(expected.lines, actual.stdout, 'stdout.lines')),
    ...(expected.firstLine === undefined ? [] : differences(expected.firstLine, actual.stdout[0], 'stdout.firstLine')),
    ...(expected.lastLine === undefined ? [] : differences(expected.lastLine, actual.stdout.at(-1), 'stdout.lastLine')),
    ...invalid.flatMap(([index, base64]) => checkInvalid(index, base64, actual)),
    ...differences(expected.sha256OfLinesJoinedByNewline, sha256(joined), 'stdout.sha256'),
  ];
}

function checkInvalid(index: string, base64: string, actual: Reduced): string[] {
  const line = actual.bytes[Number(index)] ?? new Uint8Array(0);
  return differences(base64, Buffer.from(line).toString('base64'), `stdout.invalidUtf8LinesBase64.${index}`);
}

interface TerminationRow {
  name: string;
  parts: Part[];
  inputBytes: number;
  want?: string;
  wantBytes: number;
  wantSha256: string;
  wantTail?: string;
  wantTail64Base64?: string;
}

export function checkTermination(row: TerminationRow): string[] {
  const known = [
    'name',
    'parts',
    'inputBytes',
    'inputSha256',
    'want',
    'wantBytes',
    'wantSha256',
    'wantTail',
    'wantTail64Base64',
    'note',
  ];
  const input = join(row.parts);
  const bytes = boundTerminationBytes(input);
  const text = decodeUtf8(bytes);
  const tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - 64))).toString('base64');
  const isText = Buffer.from(input).toString('utf8') === decodeUtf8(input) && !decodeUtf8(input).includes('\ufffd');
  return [
    ...unknownKeys(row, known, 'row'),
    ...differences(row.inputBytes, input.length, 'inputBytes'),
    ...(row.want === undefined ? [] : differences(row.want, text, 'want')),
    ...differences(row.wantBytes, bytes.length, 'wantBytes'),
    ...differences(row.wantSha256, sha256(bytes), 'wantSha256'),
    ...(row.wantTail === undefined || text.endsWith(row.wantTail)
      ? []
      : differences(row.wantTail, text.slice(-row.wantTail.length), 'wantTail')),
    ...(row.wantTail64Base64 === undefined ? [] : differences(row.wantTail64Base64, tail, 'wantTail64Base64')),
    ...(isText ? differences(text, boundTerminationMessage(decodeUtf8(input)), 'as a string') : []),
  ];
}

function join(parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if ('line' in part) return Buffer.from(numberedLines(part));
      const once = 'b64' in part ? Buffer.from(part.b64, 'base64') : Buffer.from(part.s, 'utf8');
      return Buffer.concat(Array<Buffer>(part.n).fill(once));
    }),
  );
}

function numberedLines({ line, from, to }: { line: string; from: number; to: number }): string {
  const lines = Array.from({ length: to - from + 1 }, (_, index) => line.replace('%d', String(from + index)));
  return lines.map((text) => `${text}\n`).join('');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
