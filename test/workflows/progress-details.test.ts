import { expect, it } from 'vitest';
import type { RunProgress } from '../../src/run/run-progress.ts';
import { progressDetails } from '../../src/workflows/progress-details.ts';

const validator = (
  name: string,
  more: Partial<RunProgress['validators'][number]> = {},
): RunProgress['validators'][number] => ({
  name,
  phase: 'deployment',
  state: 'waiting',
  ...more,
});

const progress = (validators: RunProgress['validators']): RunProgress => ({
  cluster: 'lab',
  runId: 'r1',
  step: 'phase deployment',
  total: validators.length,
  done: validators.filter(({ state }) => state !== 'waiting' && state !== 'running').length,
  warnings: [],
  validators,
});

it('summarizes the run in its first line, and lists what did not pass before what is running', () => {
  const text = progressDetails(
    progress([
      validator('fine', { state: 'passed', cause: 'completed', message: 'ok' }),
      validator('later'),
      validator('now', { state: 'running' }),
      validator('bad', { state: 'failed', cause: 'completed', message: 'two | pods\nare missing' }),
      validator('worse', { state: 'other', cause: 'oom', message: 'Container OOMKilled' }),
    ]),
  );
  const lines = text.split('\n');
  expect(lines[0]).toBe('**lab: 3 of 5 done, 1 failed, 1 other** — phase deployment');
  expect(lines.slice(4, 9)).toEqual([
    '| bad | deployment | failed | two \\| pods are missing |',
    '| worse | deployment | other | oom: Container OOMKilled |',
    '| now | deployment | running |  |',
    '| later | deployment | waiting |  |',
    '| fine | deployment | passed |  |',
  ]);
});

it('stays under the 20,000 bytes of the server with 3,000 validators and long messages', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    validator(`validator-${i}`, { state: 'failed', cause: 'completed', message: '€'.repeat(4000) }),
  );
  const text = progressDetails(progress(many));
  expect(new TextEncoder().encode(text).length).toBeLessThan(20_000);
  expect(text).toMatch(/… \d+ more/);
});

it('ends with the first ten warnings and the number of the others', () => {
  const warned = (warnings: string[]) => progressDetails({ ...progress([validator('a')]), warnings }).split('\n');
  expect(warned(['mind | this']).slice(-4)).toEqual(['', '- warning: mind \\| this', '', 'run `r1`']);
  const lines = warned(Array.from({ length: 50 }, (_, i) => `${i} ${'w'.repeat(1000)}`));
  expect(lines.filter((line) => line.startsWith('- warning'))).toHaveLength(10);
  expect(lines).toContain('- … 40 more warnings');
});
