import type { Catalog, ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { isPhase, PHASES, type Phase } from '../../aicr/phase.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

export type PhasedEntry = ValidatorEntry & { phase: Phase };

/** The validators of one phase of a run. All lists are in the catalog's order. */
export interface PhaseSelection {
  phase: Phase;
  /**
   * All of the catalog's validators for the phase: the report of a phase that is skipped lists them (docs/contract.md,
   * section 10).
   */
  catalog: PhasedEntry[];
  /** The validators that the request declares, or all of the phase if it declares none. */
  all: PhasedEntry[];
  /** Those of {@link all} that run. */
  run: PhasedEntry[];
  /** Those of {@link all} that the request's skip list names. */
  skipped: PhasedEntry[];
}

/** The part of a request that selects validators. */
export type SelectionRequest = Pick<ValidateClusterRequest, 'phases' | 'checks' | 'skipChecks'>;

/** The phases of a run in the contract's order, without phases that have no validator. */
export function selectValidators(catalog: Catalog, { phases, checks, skipChecks }: SelectionRequest): PhaseSelection[] {
  const wanted = new Set<string>(phases ?? PHASES);
  const skip = new Set(skipChecks);
  const entries = catalog.validators.filter(isPhased);
  return PHASES.filter((phase) => wanted.has(phase))
    .map((phase) => {
      const ofPhase = entries.filter((entry) => entry.phase === phase);
      const declared = checks === undefined ? undefined : new Set(checks[phase]);
      const all = ofPhase.filter(({ name }) => declared?.has(name) ?? true);
      return {
        phase,
        catalog: ofPhase,
        all,
        run: all.filter(({ name }) => !skip.has(name)),
        skipped: all.filter(({ name }) => skip.has(name)),
      };
    })
    .filter(({ all }) => all.length > 0);
}

function isPhased(entry: ValidatorEntry): entry is PhasedEntry {
  return isPhase(entry.phase);
}
