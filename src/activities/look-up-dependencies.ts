import { POD_AFFINITY_SELECTOR_LOOKUP_TIMEOUT_MS } from '../aicr/constants.ts';
import { errorText } from '../aicr/contract-error.ts';
import {
  type DependencyPods,
  dependencyWarnings,
  type LookupResult,
  selectorProblem,
  selectorText,
} from '../aicr/job/dependency-pods.ts';
import type { ClusterApi } from '../cluster/api.ts';
import { PODS } from '../cluster/resources.ts';
import { boundWarnings } from '../run/plan/review.ts';

/** The most selectors to look up. More warnings would not help a person. */
const MAX_LOOKUPS = 50;

/**
 * Warns of dependencies that have no pods. Lists at most one pod for each distinct selector, all within AICR's five
 * seconds (`PodAffinitySelectorLookupTimeout`). This is a diagnosis and never fails a run: a lookup that fails is a
 * warning too.
 */
export async function lookUpDependencies(
  api: ClusterApi,
  wanted: readonly DependencyPods[],
  signal: AbortSignal,
  withinMs = POD_AFFINITY_SELECTOR_LOOKUP_TIMEOUT_MS,
): Promise<string[]> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const warnings = await Promise.all(
    wanted.slice(0, MAX_LOOKUPS).map(async (pods) => dependencyWarnings(pods, await lookUp(api, pods, inTime))),
  );
  signal.throwIfAborted();
  const more = wanted.length - MAX_LOOKUPS;
  const rest = more > 0 ? [`${more} more selectors of dependencyAffinity were not looked up`] : [];
  return boundWarnings([...rest, ...warnings.flat()]);
}

async function lookUp(
  api: ClusterApi,
  { namespace, labels }: DependencyPods,
  signal: AbortSignal,
): Promise<LookupResult> {
  if (selectorProblem(labels) !== undefined) return { matches: false };
  try {
    const { items } = await api.list(PODS, { namespace, labelSelector: selectorText(labels), limit: 1 }, signal);
    return { matches: items.length > 0 };
  } catch (error) {
    return { failed: errorText(error) };
  }
}
