import type { Catalog, Fault, ValidatorEntry } from './catalog.ts';
import { isPhase, PHASES, type Phase } from './constants.ts';
import type { ValidateClusterRequest } from './run.ts';

export type PhasedEntry = ValidatorEntry & { phase: Phase };

/** What a phase of a run comes to: which validators run, and which the request leaves out. Both in the catalog's order. */
export interface PhaseSelection {
  phase: Phase;
  all: PhasedEntry[];
  run: PhasedEntry[];
  skipped: PhasedEntry[];
}

/** The phases of a run, in the contract's order; a phase without validators is left out. */
export function selectValidators(
  catalog: Catalog,
  { phases, skipChecks }: Pick<ValidateClusterRequest, 'phases' | 'skipChecks'>,
): PhaseSelection[] {
  const wanted = new Set<string>(phases ?? PHASES);
  const skip = new Set(skipChecks);
  const entries = catalog.validators.filter(isPhased);
  return PHASES.filter((phase) => wanted.has(phase))
    .map((phase) => {
      const all = entries.filter((entry) => entry.phase === phase);
      return {
        phase,
        all,
        run: all.filter(({ name }) => !skip.has(name)),
        skipped: all.filter(({ name }) => skip.has(name)),
      };
    })
    .filter(({ all }) => all.length > 0);
}

/** What is wrong with a request only in view of its catalog: a skip list that names an unknown validator, or leaves none to run. */
export function checkSelection(
  catalog: Catalog,
  request: Pick<ValidateClusterRequest, 'phases' | 'skipChecks'>,
): Fault[] {
  const known = new Set(catalog.validators.map(({ name }) => name));
  const faults = (request.skipChecks ?? []).flatMap((name, i) =>
    known.has(name)
      ? []
      : [{ path: `request.skipChecks[${i}]`, message: `the catalog has no validator named ${JSON.stringify(name)}` }],
  );
  const selected = selectValidators(catalog, request);
  if (selected.length === 0)
    faults.push({ path: 'request', message: 'the catalog has no validator in the phases to run' });
  for (const { phase, run } of selected) {
    if (run.length === 0)
      faults.push({
        path: 'request.skipChecks',
        message: `it skips every validator of phase ${phase}; leave the phase out of phases instead`,
      });
  }
  return faults;
}

function isPhased(entry: ValidatorEntry): entry is PhasedEntry {
  return isPhase(entry.phase);
}

/**
 * The resource classes a validator must have for itself while it runs. An entry that says nothing shares everything in the deployment
 * phase; in the other two it has the whole cluster for itself, since AICR's validators expect the GPUs to be free there.
 */
export function exclusiveClasses({ phase, exclusive }: PhasedEntry): string[] {
  return exclusive ?? (phase === 'deployment' ? [] : ['cluster']);
}
