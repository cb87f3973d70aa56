import type { Catalog } from '../../aicr/catalog/catalog.ts';
import { goQuote } from '../../aicr/go/quote.ts';
import { PHASES, type Phase } from '../../aicr/phase.ts';
import type { Fault } from '../fault.ts';
import type { Review } from './review.ts';
import { type PhaseSelection, type SelectionRequest, selectValidators } from './selection.ts';

/**
 * Checks a request's `phases`, `checks` and `skipChecks` against its catalog (docs/contract.md section 10). Faults:
 * - a declared check that the catalog does not have, or has in another phase, or that is declared twice;
 * - a skip list that names an unknown validator, or leaves a phase with none.
 *
 * A skipped validator that would not have run anyway is a warning.
 */
export function checkSelection(catalog: Catalog, request: SelectionRequest): Review {
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

function checkDeclared(catalog: Catalog, { phases, checks = {} }: SelectionRequest): Review {
  const phaseOf = new Map(catalog.validators.map(({ name, phase }) => [name, phase]));
  const faults: Fault[] = [];
  const warnings: string[] = [];
  for (const phase of PHASES) {
    const names = checks[phase] ?? [];
    const seen = new Map<string, number>();
    for (const [i, name] of names.entries()) {
      const message = faultOfCheck(name, phase, phaseOf.get(name), seen.get(name));
      if (message !== undefined) faults.push({ path: `request.checks.${phase}[${i}]`, message });
      if (!seen.has(name)) seen.set(name, i);
    }
    if (names.length > 0 && phases !== undefined && !phases.includes(phase))
      warnings.push(`request.checks.${phase}: its checks do not run, since request.phases leaves the phase out`);
  }
  return { faults, warnings };
}

function faultOfCheck(name: string, phase: Phase, actual?: string, first?: number): string | undefined {
  if (first !== undefined) return `${goQuote(name)} is declared twice, first at [${first}]`;
  if (actual === undefined) return `the catalog has no validator named ${goQuote(name)}`;
  return actual === phase ? undefined : `the catalog has ${goQuote(name)} in phase ${actual}`;
}

function checkSkipped(catalog: Catalog, { skipChecks = [] }: SelectionRequest, selected: PhaseSelection[]): Review {
  const known = new Set(catalog.validators.map(({ name }) => name));
  const selectable = new Set(selected.flatMap(({ all }) => all.map(({ name }) => name)));
  const faults: Fault[] = [];
  const warnings: string[] = [];
  for (const [i, name] of skipChecks.entries()) {
    const path = `request.skipChecks[${i}]`;
    if (!known.has(name)) faults.push({ path, message: `the catalog has no validator named ${goQuote(name)}` });
    else if (!selectable.has(name)) warnings.push(`${path}: ${goQuote(name)} would not run in this run anyway`);
  }
  for (const { phase, run } of selected)
    if (run.length === 0)
      faults.push({
        path: 'request.skipChecks',
        message: `skips every validator of phase ${phase}; leave the phase out of request.phases instead`,
      });
  return { faults, warnings };
}
