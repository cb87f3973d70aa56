import type { RunProgress, ValidatorState } from '../run/run-progress.ts';
import type { RunResult } from '../run/run-result.ts';

/** A mark for each state. The state's name is always printed beside it, so a missing glyph loses no information. */
const MARK: Record<ValidatorState, string> = {
  waiting: '·',
  running: '▸',
  passed: '✓',
  failed: '✗',
  skipped: '-',
  other: '!',
};

/** One line about the progress of a run. */
export function progressLine({ step, total, done, validators }: RunProgress): string {
  const running = validators.filter(({ state }) => state === 'running').map(({ name }) => name);
  const now = running.length === 0 ? '' : `: ${running.join(', ')}`;
  return `${done}/${total} ${step}${now}`;
}

/** One line about a validator that has ended. */
export function endedLine({ name, phase, state, cause, message }: RunProgress['validators'][number]): string {
  const why = message === undefined || state === 'passed' ? '' : `  ${reason(cause, message)}`;
  return `${MARK[state]} ${state.padEnd(7)} ${phase}/${name}${why}`;
}

/** The result as a table. What did not pass comes last, next to the prompt. */
export function resultTable(result: RunResult): string {
  const { verdict, cluster, runId, counts, problems, warnings, cleanup, left, kept, keptUntil, report } = result;
  const tests = report.results.tests;
  const width = Math.max(9, ...tests.map(({ name }) => name.length));
  const rows = tests.map(({ name, status, duration, suite = [], message = '', rawStatus }) => {
    const why = oneLine(message, status === 'passed' ? undefined : rawStatus);
    return `${MARK[status === 'pending' ? 'waiting' : status]} ${name.padEnd(width)}  ${(suite[0] ?? '').padEnd(11)}  ${status.padEnd(7)}  ${seconds(duration)}  ${why}`;
  });
  const totals = `${counts.tests} validators: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${counts.other} other`;
  const leftovers =
    left.length === 0
      ? `nothing is left on the cluster except the reports${kept.length === 0 ? '' : ' and what was kept'}`
      : `left on the cluster:\n  ${left.join('\n  ')}`;
  return [
    `  ${'validator'.padEnd(width)}  ${'phase'.padEnd(11)}  ${'status'.padEnd(7)}  ${'time'.padStart(7)}  message`,
    ...rows,
    '',
    `${totals}: ${verdict} on ${cluster} (run ${runId})`,
    ...section(
      'not passed',
      problems.map((problem) => `${problem.name}: ${reason(problem.cause, problem.evidence ?? problem.message)}`),
    ),
    ...section(
      'warnings',
      warnings.map((warning) => cut(warning, MAX_ON_LINE)),
    ),
    '',
    `cleanup ${cleanup}: ${leftovers}`,
    ...section(`kept until ${keptUntil}`, kept),
  ].join('\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** How many characters of a reason the table shows. */
const MAX_IN_TABLE = 70;
/** How many characters of a reason a separate line shows. */
const MAX_ON_LINE = 160;

function reason(cause: string | undefined, message: string): string {
  return cut(
    `${cause === undefined || cause === 'completed' || cause === 'skipped' ? '' : `${cause}: `}${message}`,
    MAX_ON_LINE,
  );
}

function oneLine(message: string, cause: string | undefined): string {
  return cut(reason(cause, message), MAX_IN_TABLE);
}

function cut(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(7);
}
