import { defineQuery } from '@temporalio/workflow';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { PhaseSelection } from '../run/plan/selection.ts';
import type { RunProgress, ValidatorState } from '../run/run-progress.ts';
import { progressDetails } from './progress-details.ts';

/** Every validator of a run and its state. The query works while the run is open and after it has closed. */
export const progressQuery = defineQuery<RunProgress>('progress');

/**
 * A run's progress, for the query and the Web UI. Keeps G8.
 */
export class Progress {
  readonly #progress: RunProgress;
  readonly #onChange: (details: string) => void;

  /** @param onChange is called with the text for the Web UI after every change. */
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

  /** Lists the validators to run, once preflight has selected them. */
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

  /** Ignores a validator that the request did not select: the report lists it if its whole phase was skipped. */
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
    this.#onChange(progressDetails(this.#progress));
  }
}
