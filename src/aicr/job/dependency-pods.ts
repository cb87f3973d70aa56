/**
 * Warns if a dependency of a validator has no pods. AICR looks for the pods when it deploys a Job, and logs the same
 * warnings (docs/contract.md, section 7).
 */

import type { Affinity, PodAffinityTerm } from '../../kubernetes/types.ts';
import type { ValidatorEntry } from '../catalog/catalog.ts';
import { type Warning, warningText } from '../warning.ts';
import { buildAffinity, type ComponentRef } from './affinity.ts';
import { encodeNodeSelector } from './node-selector.ts';

/** The pods of a dependency, and the validators that run near them. */
export interface DependencyPods {
  namespace: string;
  labels: Record<string, string>;
  validators: string[];
}

/** The result of a lookup: whether any pod matches, or why the lookup failed. */
export type LookupResult = { matches: boolean } | { failed: string };

/** The distinct selectors in the order of the validators, so that one lookup serves all validators that share one. */
export function dependencyPods(
  entries: readonly ValidatorEntry[],
  components: readonly ComponentRef[],
): DependencyPods[] {
  const found = new Map<string, DependencyPods>();
  for (const { name, dependencyAffinity = [] } of entries) {
    for (const { labelSelector, namespaces } of terms(buildAffinity(dependencyAffinity, components, []))) {
      const [namespace = ''] = namespaces;
      const labels = labelSelector.matchLabels ?? {};
      const key = `${namespace} ${selectorText(labels)}`;
      const pods: DependencyPods = found.get(key) ?? { namespace, labels, validators: [] };
      if (!pods.validators.includes(name)) pods.validators.push(name);
      found.set(key, pods);
    }
  }
  return [...found.values()];
}

function terms({ podAffinity = {} }: Affinity): PodAffinityTerm[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [] } = podAffinity;
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = podAffinity;
  return [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)];
}

/** The selector in the API server's form, such as `a=1,b=2`. The order of the labels makes no difference. */
export function selectorText(labels: Record<string, string>): string {
  return encodeNodeSelector(labels);
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_PREFIX = 253;

/** Why Kubernetes would refuse these labels as a selector; undefined if it would accept them. */
export function selectorProblem(labels: Record<string, string>): string | undefined {
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key)) return `${JSON.stringify(key)} is not a label's name`;
    if (value !== '' && !NAME.test(value)) return `${JSON.stringify(value)} is not a value of label ${key}`;
  }
  return undefined;
}

function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').reverse();
  const isPrefix = prefix === undefined || (prefix.length <= MAX_PREFIX && PREFIX.test(prefix));
  return NAME.test(name) && isPrefix && more.length === 0;
}

/** One warning for each validator that should run near these pods; none if any pod matches. */
export function dependencyWarnings(pods: DependencyPods, result: LookupResult): string[] {
  const warning = warningOf(pods, result);
  return warning === undefined ? [] : pods.validators.map((name) => `validator ${name}: ${warningText(warning)}`);
}

function warningOf({ namespace, labels }: DependencyPods, result: LookupResult): Warning | undefined {
  const problem = selectorProblem(labels);
  if (problem !== undefined)
    return {
      message: 'dependencyAffinity selector is malformed; skipping lookup',
      attributes: { namespace: '', selector: '', reason: 'malformed-selector', error: problem },
    };
  const about = { namespace, selector: selectorText(labels) };
  if ('failed' in result)
    return {
      message: 'dependencyAffinity selector lookup failed; affinity may not behave as intended',
      attributes: { ...about, reason: 'lookup-failed', error: result.failed },
    };
  if (result.matches) return undefined;
  return {
    message:
      'dependencyAffinity selector matched zero pods at deploy time; affinity term will be a no-op until matching pods appear',
    attributes: { ...about, reason: 'zero-match' },
  };
}
