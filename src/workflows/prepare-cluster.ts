import type { NamedUid } from '../run/scope.ts';
import type { ClusterActivities } from './activity-stubs.ts';
import type { CheckedRun } from './request-preflight.ts';
import type { RunCleanup } from './run-cleanup.ts';

/**
 * Creates what the run's Jobs need: the namespace, the anchor, the data ConfigMaps and RBAC. Sets the anchor of
 * `checked`, so that the plan query returns its UID.
 * Keeps G3: each removal is registered before its object is created, since a call that fails may have created it.
 * @returns the anchor.
 */
export async function prepareCluster(
  checked: CheckedRun,
  { work, cleanup, gone }: ClusterActivities,
  runCleanup: RunCleanup,
): Promise<NamedUid> {
  const { run } = checked;
  const { snapshot, validation, clusterRole } = checked.request;
  const input = { version: 1 as const, run };
  await work(`namespace ${run.namespace}`).ensureNamespace(input);
  runCleanup.register('the anchor', ({ anchor, expires }) =>
    anchor
      ? cleanup('keep the anchor').keepAnchor({ ...input, expires })
      : gone('delete the anchor').deleteAnchor(input),
  );
  const anchor = await work('anchor').ensureAnchor(input);
  checked.anchor = anchor;
  runCleanup.register('the data ConfigMaps', async ({ data }) =>
    data ? undefined : cleanup('delete the data ConfigMaps').cleanupDataConfigMaps(input),
  );
  await work('data ConfigMaps').ensureDataConfigMaps({
    ...input,
    anchor,
    ...(snapshot && { snapshot }),
    ...(validation && { validation }),
  });
  runCleanup.register('the ClusterRoleBinding and ServiceAccount', () => cleanup('delete RBAC').cleanupRBAC(input));
  await work('RBAC').ensureRBAC({ ...input, anchor, ...(clusterRole && { clusterRole }) });
  return anchor;
}
