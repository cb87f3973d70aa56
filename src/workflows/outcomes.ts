import type { Phase } from '../aicr/phase.ts';
import { isFailingStatus, phaseStatus, type Status } from '../aicr/result/status.ts';
import type { ValidatorOutcome } from '../run/ending/validator-outcome.ts';
import type { PhaseSelection } from '../run/plan/selection.ts';

/**
 * The outcomes of a run's validators, each recorded when its validator ends, and read in the order of phases and
 * catalog.
 */
export class Outcomes {
  readonly #phases: readonly PhaseSelection[];
  readonly #byName = new Map<string, ValidatorOutcome>();

  constructor(phases: readonly PhaseSelection[]) {
    this.#phases = phases;
  }

  record(outcome: ValidatorOutcome): void {
    this.#byName.set(outcome.name, outcome);
  }

  /** Every outcome so far; a validator that has not ended is missing. */
  inOrder(): ValidatorOutcome[] {
    return this.byPhase().flatMap(({ outcomes }) => outcomes);
  }

  /** The outcomes of each phase that has any. */
  byPhase(): { phase: Phase; outcomes: ValidatorOutcome[] }[] {
    return this.#phases
      .map(({ phase, catalog }) => ({ phase, outcomes: catalog.flatMap(({ name }) => this.#byName.get(name) ?? []) }))
      .filter(({ outcomes }) => outcomes.length > 0);
  }

  /** The combined status of all outcomes so far. */
  status(): Status {
    return phaseStatus(this.inOrder().map(({ status }) => status));
  }

  /** Whether a validator of the phase failed. A validator that should have run and has no outcome counts as failed. */
  hasFailure({ run }: PhaseSelection): boolean {
    return run.some(({ name }) => isFailingStatus(this.#byName.get(name)?.status ?? 'other'));
  }
}
