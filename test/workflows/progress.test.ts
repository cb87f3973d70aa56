import { expect, it } from 'vitest';
import type { RunProgress } from '../../src/run/run-progress.ts';
import { details } from '../../src/workflows/progress.ts';

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

it('says it all in the first line, and what is wrong before what runs', () => {
  const text = details(
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

it('stays under the server’s 20,000 bytes, however many validators there are and whatever they say', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    validator(`validator-${i}`, { state: 'failed', cause: 'completed', message: '€'.repeat(4000) }),
  );
  const text = details(progress(many));
  expect(new TextEncoder().encode(text).length).toBeLessThan(20_000);
  expect(text).toMatch(/… \d+ more/);
});

it('ends with the warnings, of which there are never more than ten', () => {
  const warned = (warnings: string[]) => details({ ...progress([validator('a')]), warnings }).split('\n');
  expect(warned(['mind | this']).slice(-4)).toEqual(['', '- warning: mind \\| this', '', 'run `r1`']);
  const lines = warned(Array.from({ length: 50 }, (_, i) => `${i} ${'w'.repeat(1000)}`));
  expect(lines.filter((line) => line.startsWith('- warning'))).toHaveLength(10);
  expect(lines).toContain('- … 40 more warnings');
});
