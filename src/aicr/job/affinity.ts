/**
 * The affinity of a validator's pod: which nodes it prefers or requires (AICR's `BuildOrchestratorAffinity`;
 * docs/contract.md, section 7).
 */

import type { Affinity, PodAffinityTerm } from '../../kubernetes/types.ts';
import type { DependencyAffinity } from '../catalog/catalog-fields.ts';
import { checkDependencyAffinity } from '../catalog/dependency-affinity.ts';
import { DEFAULT_TOPOLOGY_KEY, GPU_PRESENT_LABEL, PREFERRED_AFFINITY_WEIGHT } from '../constants.ts';
import { ContractError } from '../contract-error.ts';
import { goQuote } from '../go/quote.ts';
import type { Warning } from '../warning.ts';

/** The fields of a recipe's component that affinity depends on. */
export interface ComponentRef {
  name: string;
  namespace?: string;
  overrides?: Record<string, unknown>;
}

/**
 * Builds an affinity that prefers nodes without GPUs and has a term for each dependency whose component is in the
 * recipe, enabled, and has a namespace. Any other dependency is an error if it is required, and a warning if it is
 * preferred.
 */
export function buildAffinity(
  dependencies: readonly DependencyAffinity[],
  components: readonly ComponentRef[],
  warnings: Warning[],
): Affinity {
  const required: PodAffinityTerm[] = [];
  const preferred: { weight: number; podAffinityTerm: PodAffinityTerm }[] = [];
  for (const dependency of dependencies) {
    checkDependencyAffinity(dependency);
    const term = termOf(dependency, components, warnings);
    if (term === undefined) continue;
    if (dependency.requirement === 'required') required.push(term);
    else preferred.push({ weight: PREFERRED_AFFINITY_WEIGHT, podAffinityTerm: term });
  }
  const affinity = preferCpuNodes();
  if (required.length === 0 && preferred.length === 0) return affinity;
  return {
    ...affinity,
    podAffinity: {
      ...(required.length === 0 ? {} : { requiredDuringSchedulingIgnoredDuringExecution: required }),
      ...(preferred.length === 0 ? {} : { preferredDuringSchedulingIgnoredDuringExecution: preferred }),
    },
  };
}

function termOf(
  dependency: DependencyAffinity,
  components: readonly ComponentRef[],
  warnings: Warning[],
): PodAffinityTerm | undefined {
  const component = components.findLast(({ name }) => name === dependency.componentRef);
  const namespace = component?.namespace ?? '';
  const problem = problemOf(component, namespace, warnings);
  if (problem === undefined) {
    return {
      labelSelector: { matchLabels: { ...dependency.podLabelSelector } },
      namespaces: [namespace],
      topologyKey: dependency.topologyKey || DEFAULT_TOPOLOGY_KEY,
    };
  }
  if (dependency.requirement === 'required') {
    // AICR checks the gates a second time to find the reason, and so logs their warnings twice.
    if (component !== undefined) isEnabled(component, warnings);
    throw new ContractError(
      'INVALID_REQUEST',
      `required dependencyAffinity component ${goQuote(dependency.componentRef)} ${problem}; ` +
        'either fix the recipe or remove this validator from the validation phase',
    );
  }
  warnings.push({
    message: 'preferred dependencyAffinity component not present in recipe; skipping affinity term',
    attributes: { componentRef: dependency.componentRef },
  });
  return undefined;
}

function problemOf(component: ComponentRef | undefined, namespace: string, warnings: Warning[]): string | undefined {
  if (component === undefined) return "is not in the recipe's componentRefs";
  if (!isEnabled(component, warnings)) return 'is disabled (overrides.enabled=false)';
  return namespace === '' ? 'has no resolved namespace' : undefined;
}

/** AICR's `IsEnabled`: false in either gate disables. A gate that is not a boolean counts as open, with a warning. */
function isEnabled(component: ComponentRef, warnings: Warning[]): boolean {
  const overrides = component.overrides ?? {};
  for (const key of ['enabled', 'install']) {
    if (!Object.hasOwn(overrides, key)) continue;
    const value = overrides[key];
    if (value === false) return false;
    if (value === true) continue;
    warnings.push({
      message: 'component deployment gate is not a bool, treating component as enabled',
      attributes: { component: component.name, key, value },
    });
  }
  return true;
}

function preferCpuNodes(): Affinity {
  return {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: PREFERRED_AFFINITY_WEIGHT,
          preference: { matchExpressions: [{ key: GPU_PRESENT_LABEL, operator: 'DoesNotExist' }] },
        },
      ],
    },
  };
}
