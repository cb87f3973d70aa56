/** The catalog's `dependencyAffinity`: run near the pods of a component (AICR's `DependencyAffinity.Validate`). */
import { ContractError } from '../contract-error.ts';
import { goQuote } from '../go/quote.ts';

export interface DependencyAffinity {
  componentRef: string;
  podLabelSelector: Record<string, string>;
  /** `required` or `preferred`, which is the default. */
  requirement?: string;
  topologyKey?: string;
}

/** AICR's checks of one entry, in its order and words. */
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
