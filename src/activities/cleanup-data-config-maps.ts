import { snapshotConfigMapName, validationConfigMapName } from '../aicr/job/names.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { deleteOwnObjects } from './delete-own-objects.ts';

/** Deletes the run's snapshot and validation ConfigMaps. Idempotent. */
export function cleanupDataConfigMaps({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<void> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const names = [snapshotConfigMapName(run.runId), validationConfigMapName(run.runId)];
    const refs = names.map((name) => ({ resource: CONFIG_MAPS, namespace: run.namespace, name }));
    await deleteOwnObjects(api, refs, run.marks, signal);
  });
}
