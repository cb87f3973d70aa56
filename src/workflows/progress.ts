import { defineQuery } from '@temporalio/workflow';
import { utf8Length } from '../aicr/go/utf8.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { PhaseSelection } from '../run/plan/selection.ts';
import type { RunProgress, ValidatorState } from '../run/run-progress.ts';

/** How far a run is: every validator and its state. Answered while the run is open, and after it has closed. */
export const progressQuery = defineQuery<RunProgress>('progress');

/** Server limit of the current details, in bytes (temporal.md, section 3); the rest of a large run is in the query. */
const MAX_DETAILS_BYTES = 18_000;
const MAX_MESSAGE = 160;

/** What a run has come to so far, as the query answers it and as the Web UI shows it. */
export class Progress {
  readonly #progress: RunProgress;
  readonly #onChange: (details: string) => void;

  constructor(cluster: string, onChange: (details: string) => void) {
    this.#progress = {
      cluster,
      runId: '',
      step: 'checking the request',
      total: 0,
      done: 0,
      warnings: [],
      validators: [],
    };
    this.#onChange = onChange;
  }

  get current(): RunProgress {
    return this.#progress;
  }

  plan(runId: string, phases: PhaseSelection[], warnings: string[]): void {
    const validators = phases.flatMap(({ phase, all }) =>
      all.map(({ name }) => ({ name, phase, state: 'waiting' as ValidatorState })),
    );
    Object.assign(this.#progress, { runId, total: validators.length, validators, warnings });
  }

  step(step: string): void {
    this.#progress.step = step;
    this.#changed();
  }

  running(name: string, sinceMs: number): void {
    this.#set(name, { state: 'running', sinceMs });
  }

  /** Validators that were not in play, listed in the report because their whole phase was skipped, are not counted here. */
  ended({ name, status, cause, message }: ValidatorOutcome): void {
    if (this.#progress.validators.some((validator) => validator.name === name)) this.#progress.done += 1;
    this.#set(name, { state: status, cause, message });
  }

  #set(name: string, change: Partial<RunProgress['validators'][number]>): void {
    const validator = this.#progress.validators.find((candidate) => candidate.name === name);
    if (validator !== undefined) Object.assign(validator, change);
    this.#changed();
  }

  #changed(): void {
    this.#onChange(details(this.#progress));
  }
}

/** Markdown for the Web UI, which shows about four lines before it scrolls: the first says it all, then what is wrong, then the rest. */
export function details({ cluster, runId, step, total, done, warnings, validators }: RunProgress): string {
  const count = (...states: ValidatorState[]) => validators.filter(({ state }) => states.includes(state)).length;
  const notable = [`${count('failed')} failed`, `${count('other')} other`, `${count('skipped')} skipped`].filter(
    (text) => !text.startsWith('0 '),
  );
  const first = `**${cluster}: ${[`${done} of ${total} done`, ...notable].join(', ')}** — ${step}`;
  const rank: Record<ValidatorState, number> = { failed: 0, other: 0, running: 1, waiting: 2, skipped: 3, passed: 4 };
  const rows = [...validators].sort((a, b) => rank[a.state] - rank[b.state]).map(row);
  const head = [first, '', '| validator | phase | state | why |', '|---|---|---|---|'];
  const foot = ['', ...warned(warnings), `run \`${runId}\``];
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

const MAX_WARNINGS = 10;

function warned(warnings: string[]): string[] {
  if (warnings.length === 0) return [];
  const more = warnings.length - MAX_WARNINGS;
  const shown = warnings.slice(0, MAX_WARNINGS).map((warning) => `- warning: ${cell(warning)}`);
  return [...shown, ...(more > 0 ? [`- … ${more} more warnings`] : []), ''];
}

function row({ name, phase, state, cause, message }: RunProgress['validators'][number]): string {
  const why =
    state === 'passed' || message === undefined ? '' : `${cause === 'completed' ? '' : `${cause}: `}${cell(message)}`;
  return `| ${name} | ${phase} | ${state} | ${why} |`;
}

/** Text inside a table's cell: one line, no column separators, not long. */
function cell(text: string): string {
  const line = text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}
