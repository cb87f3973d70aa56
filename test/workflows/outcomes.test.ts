import { expect, it } from 'vitest';
import type { ValidatorOutcome } from '../../src/run/ending/validator-outcome.ts';
import type { PhasedEntry, PhaseSelection } from '../../src/run/plan/selection.ts';
import { Outcomes } from '../../src/workflows/outcomes.ts';

type Phase = PhaseSelection['phase'];

const entry = (phase: Phase, name: string) => ({ name, phase }) as PhasedEntry;

const phaseOf = (phase: Phase, run: string[], skipped: string[] = [], unselected: string[] = []): PhaseSelection => {
  const entries = (names: string[]) => names.map((name) => entry(phase, name));
  return {
    phase,
    catalog: entries([...run, ...skipped, ...unselected]),
    all: entries([...run, ...skipped]),
    run: entries(run),
    skipped: entries(skipped),
  };
};

const outcome = (phase: Phase, name: string, status: ValidatorOutcome['status'] = 'passed'): ValidatorOutcome => ({
  name,
  phase,
  status,
  cause: 'completed',
  exitCode: 0,
  message: '',
  startMs: 0,
  stopMs: 0,
  started: true,
  stored: true,
});

const deployment = phaseOf('deployment', ['a', 'b'], ['c'], ['d']);
const conformance = phaseOf('conformance', ['e']);

const recorded = (...all: ValidatorOutcome[]): Outcomes => {
  const outcomes = new Outcomes([deployment, conformance]);
  for (const one of all) outcomes.record(one);
  return outcomes;
};

const names = (all: ValidatorOutcome[]) => all.map(({ name }) => name);

it('lists the outcomes in the order of phases and catalog, whatever order the validators ended in', () => {
  const outcomes = recorded(outcome('conformance', 'e'), outcome('deployment', 'b'), outcome('deployment', 'a'));
  expect(names(outcomes.inOrder())).toEqual(['a', 'b', 'e']);
});

it('groups the outcomes by phase and leaves out a phase that has none', () => {
  const outcomes = recorded(outcome('deployment', 'b'), outcome('deployment', 'a'));
  expect(outcomes.byPhase().map(({ phase, outcomes: of }) => [phase, names(of)])).toEqual([['deployment', ['a', 'b']]]);
});

it('includes a validator that the request did not select if it has an outcome, since a skipped phase lists all', () => {
  expect(names(recorded(outcome('deployment', 'd', 'skipped')).inOrder())).toEqual(['d']);
});

it('keeps the last outcome of a validator', () => {
  const outcomes = recorded(outcome('deployment', 'a', 'failed'), outcome('deployment', 'a', 'passed'));
  expect(outcomes.inOrder().map(({ status }) => status)).toEqual(['passed']);
});

it('is empty before a validator has ended', () => {
  expect(recorded().inOrder()).toEqual([]);
  expect(recorded().byPhase()).toEqual([]);
});

it.each([
  ['failed if any validator failed', ['passed', 'other', 'failed'], 'failed'],
  ['other if one ended without a verdict and none failed', ['passed', 'other', 'skipped'], 'other'],
  ['passed if the others were skipped', ['passed', 'skipped', 'passed'], 'passed'],
] as const)('has the status %s', (_title, [a, b, e], status) => {
  const outcomes = recorded(
    outcome('deployment', 'a', a),
    outcome('deployment', 'b', b),
    outcome('conformance', 'e', e),
  );
  expect(outcomes.status()).toBe(status);
});

it.each([
  ['passed', 'passed', false],
  ['passed', 'skipped', false],
  ['passed', 'failed', true],
  ['other', 'passed', true],
] as const)('with a validator that %s and one that %s, says that the phase has a failure: %s', (a, b, expected) => {
  const outcomes = recorded(outcome('deployment', 'a', a), outcome('deployment', 'b', b));
  expect(outcomes.hasFailure(deployment)).toBe(expected);
});

it('counts a validator that was to run and has no outcome as a failure of its phase', () => {
  expect(recorded(outcome('deployment', 'a')).hasFailure(deployment)).toBe(true);
});

it('does not count a skipped or unselected validator without an outcome, nor a failure of another phase', () => {
  const outcomes = recorded(
    outcome('deployment', 'a'),
    outcome('deployment', 'b'),
    outcome('conformance', 'e', 'failed'),
  );
  expect(outcomes.hasFailure(deployment)).toBe(false);
  expect(outcomes.hasFailure(conformance)).toBe(true);
});
