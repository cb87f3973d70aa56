import { dataConfigMapLabels } from '../aicr/job/labels.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { anchorName } from '../run/anchor.ts';
import { withMarks } from '../run/marks.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { refuseForeignObject } from './refuse-foreign-object.ts';

/**
 * Creates the run's anchor: the ConfigMap that owns every namespaced object of the run, except those that outlive it,
 * and that is deleted last. It is the first object that a run creates, so another run with the same id is refused here.
 * Keeps G2: refuses a run id that another run uses.
 */
export function ensureAnchor({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run }: RunInput, signal): Promise<NamedUid> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const name = anchorName(run.runId);
    const anchor: ConfigMap = {
      metadata: { name, namespace: run.namespace, ...withMarks({ labels: dataConfigMapLabels(run.runId) }, run.marks) },
      data: {
        workflow: run.marks.workflowId,
        note: 'Owns the objects of this validation run. Deleting it in the foreground deletes them too.',
      },
    };
    await refuseForeignObject(api, { resource: CONFIG_MAPS, namespace: run.namespace, name }, run.marks, signal);
    const created = await api.apply(CONFIG_MAPS, anchor, signal);
    return { name, uid: created.metadata.uid ?? '' };
  });
}
