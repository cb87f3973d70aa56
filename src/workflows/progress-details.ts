import { utf8Length } from '../aicr/go/utf8.ts';
import type { RunProgress, ValidatorState } from '../run/run-progress.ts';

type ValidatorProgress = RunProgress['validators'][number];

/**
 * Limit of the text in bytes, below the 20,000 at which the Temporal server refuses current details. The `progress`
 * query returns every validator even of a large run.
 */
const MAX_DETAILS_BYTES = 18_000;
const MAX_CELL_LENGTH = 160;
const MAX_WARNINGS = 10;

/** The order of the table: what needs attention comes first. */
const RANK: Record<ValidatorState, number> = { failed: 0, other: 0, running: 1, waiting: 2, skipped: 3, passed: 4 };

/**
 * A run's progress as Markdown for the Web UI, which shows about four lines before it scrolls. So the first line is a
 * summary, and a table of the validators follows, those that did not pass first.
 */
export function progressDetails(progress: RunProgress): string {
  const head = [summary(progress), '', '| validator | phase | state | why |', '|---|---|---|---|'];
  const foot = ['', ...warningLines(progress.warnings), `run \`${progress.runId}\``];
  const rows = [...progress.validators].sort((a, b) => RANK[a.state] - RANK[b.state]).map(row);
  const kept: string[] = [];
  let size = utf8Length([...head, ...foot].join('\n'));
  for (const line of rows) {
    size += utf8Length(line) + 1;
    if (size > MAX_DETAILS_BYTES) break;
    kept.push(line);
  }
  const more = rows.length > kept.length ? [`| … ${rows.length - kept.length} more | | | |`] : [];
  return [...head, ...kept, ...more, ...foot].join('\n');
}

function summary({ cluster, step, total, done, validators }: RunProgress): string {
  const count = (wanted: ValidatorState) => validators.filter(({ state }) => state === wanted).length;
  const notable = (['failed', 'other', 'skipped'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  return `**${cluster}: ${[`${done} of ${total} done`, ...notable].join(', ')}** — ${step}`;
}

function warningLines(warnings: string[]): string[] {
  if (warnings.length === 0) return [];
  const more = warnings.length - MAX_WARNINGS;
  const shown = warnings.slice(0, MAX_WARNINGS).map((warning) => `- warning: ${cell(warning)}`);
  return [...shown, ...(more > 0 ? [`- … ${more} more warnings`] : []), ''];
}

function row({ name, phase, state, cause, message }: ValidatorProgress): string {
  const why =
    state === 'passed' || message === undefined ? '' : `${cause === 'completed' ? '' : `${cause}: `}${cell(message)}`;
  return `| ${name} | ${phase} | ${state} | ${why} |`;
}

/** Text for a table cell: one line, column separators escaped, and cut to a maximum length. */
function cell(text: string): string {
  const line = text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
  return line.length > MAX_CELL_LENGTH ? `${line.slice(0, MAX_CELL_LENGTH)}…` : line;
}
