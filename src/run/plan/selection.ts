import type { Catalog, ValidatorEntry } from '../../aicr/catalog/catalog.ts';
import { goQuote } from '../../aicr/go/quote.ts';
import { isPhase, PHASES, type Phase } from '../../aicr/phase.ts';
import type { Fault } from '../fault.ts';
import type { ValidateClusterRequest } from './validate-cluster-request.ts';

export type PhasedEntry = ValidatorEntry & { phase: Phase };

/** What a phase of a run comes to: which validators run, and which the request leaves out. All lists are in the catalog's order. */
export interface PhaseSelection {
  phase: Phase;
  /** Every validator that the catalog has for the phase: what a phase that is skipped as a whole lists (contract.md, section 10). */
  catalog: PhasedEntry[];
  /** Those in play: declared, or all where the request declares none. */
  all: PhasedEntry[];
  run: PhasedEntry[];
  skipped: PhasedEntry[];
}

type Selecting = Pick<ValidateClusterRequest, 'phases' | 'checks' | 'skipChecks'>;

/** The phases of a run, in the contract's order; a phase without validators in play is left out. */
export function selectValidators(catalog: Catalog, { phases, checks, skipChecks }: Selecting): PhaseSelection[] {
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

export interface Review {
  faults: Fault[];
  warnings: string[];
}

/**
 * What is wrong with a request only in view of its catalog (contract.md, section 10): declared checks that the catalog does not have, has in
 * another phase, or that are named twice; a skip list that names an unknown validator, or leaves a phase with none. A skipped validator
 * that would not have run anyway is only worth a warning.
 */
export function checkSelection(catalog: Catalog, request: Selecting): Review {
  const selected = selectValidators(catalog, request);
  const declared = checkDeclared(catalog, request);
  const skipped = checkSkipped(catalog, request, selected);
  const faults = [...declared.faults, ...skipped.faults];
  if (selected.length === 0 && faults.length === 0)
    faults.push({
      path: request.checks === undefined ? 'request' : 'request.checks',
      message: 'nothing would run: the catalog has no validator in the phases and checks asked for',
    });
  return { faults, warnings: [...declared.warnings, ...skipped.warnings] };
}

function checkDeclared(catalog: Catalog, { phases, checks = {} }: Selecting): Review {
  const phaseOf = new Map(catalog.validators.map(({ name, phase }) => [name, phase]));
  const faults: Fault[] = [];
  const warnings: string[] = [];
  for (const phase of PHASES) {
    const names = checks[phase] ?? [];
    const seen = new Map<string, number>();
    for (const [i, name] of names.entries()) {
      const message = wrongWith(name, phase, phaseOf.get(name), seen.get(name));
      if (message !== undefined) faults.push({ path: `request.checks.${phase}[${i}]`, message });
      if (!seen.has(name)) seen.set(name, i);
    }
    if (names.length > 0 && phases !== undefined && !phases.includes(phase))
      warnings.push(`request.checks.${phase}: its checks do not run, since request.phases leaves the phase out`);
  }
  return { faults, warnings };
}

function wrongWith(name: string, phase: Phase, actual?: string, first?: number): string | undefined {
  if (first !== undefined) return `${goQuote(name)} is declared twice, first at [${first}]`;
  if (actual === undefined) return `the catalog has no validator named ${goQuote(name)}`;
  return actual === phase ? undefined : `the catalog has ${goQuote(name)} in phase ${actual}`;
}

function checkSkipped(catalog: Catalog, { skipChecks = [] }: Selecting, selected: PhaseSelection[]): Review {
  const known = new Set(catalog.validators.map(({ name }) => name));
  const inPlay = new Set(selected.flatMap(({ all }) => all.map(({ name }) => name)));
  const faults: Fault[] = [];
  const warnings: string[] = [];
  for (const [i, name] of skipChecks.entries()) {
    const path = `request.skipChecks[${i}]`;
    if (!known.has(name)) faults.push({ path, message: `the catalog has no validator named ${goQuote(name)}` });
    else if (!inPlay.has(name)) warnings.push(`${path}: ${goQuote(name)} would not run in this run anyway`);
  }
  for (const { phase, run } of selected)
    if (run.length === 0)
      faults.push({
        path: 'request.skipChecks',
        message: `it skips every validator of phase ${phase}; leave the phase out of phases instead`,
      });
  return { faults, warnings };
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
