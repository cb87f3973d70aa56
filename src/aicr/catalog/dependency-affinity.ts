/** The rules of a catalog's `dependencyAffinity` (AICR's `DependencyAffinity.Validate`). */
import { ContractError } from '../contract-error.ts';
import { goQuote } from '../go/quote.ts';
import type { DependencyAffinity } from './catalog-fields.ts';

/** Checks one dependency. Throws AICR's error for its first fault, in AICR's order. */
export function checkDependencyAffinity(dependency: Partial<DependencyAffinity>): void {
  const component = dependency.componentRef ?? '';
  if (component === '') throw new ContractError('INVALID_REQUEST', 'dependencyAffinity: componentRef is required');
  const head = `dependencyAffinity ${goQuote(component)}`;
  if (Object.keys(dependency.podLabelSelector ?? {}).length === 0) {
    throw new ContractError('INVALID_REQUEST', `${head}: podLabelSelector is required`);
  }
  const requirement = dependency.requirement ?? '';
  if (!['', 'preferred', 'required'].includes(requirement)) {
    throw new ContractError(
      'INVALID_REQUEST',
      `${head}: invalid requirement ${goQuote(requirement)} (must be "preferred" or "required")`,
    );
  }
}
