import { CONFIG_MAPS } from '../cluster/resources.ts';
import { anchorName } from '../contract/anchor.ts';
import type { ConfigMap } from '../contract/kubernetes.ts';
import { dataConfigMapLabels } from '../contract/labels.ts';
import { marked } from '../contract/marks.ts';
import type { NamedUid } from '../contract/run.ts';
import { activity } from './activity.ts';
import { refuseForeign } from './refuse-foreign.ts';
import type { ActivityDeps, RunInput } from './run-activity.ts';

/**
 * Makes the run's anchor: the ConfigMap that owns every namespaced object of the run that is not meant to stay, and is deleted last. It is the
 * first thing that a run makes, so that here another run with the same id is noticed.
 */
export function ensureAnchor({ clusters }: ActivityDeps) {
  return activity(async ({ run }: RunInput, signal): Promise<NamedUid> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const name = anchorName(run.runId);
    const anchor: ConfigMap = {
      metadata: { name, namespace: run.namespace, ...marked({ labels: dataConfigMapLabels(run.runId) }, run.marks) },
      data: {
        workflow: run.marks.workflowId,
        note: 'Owns what this validation run made; deleted in the foreground, it takes all of it along.',
      },
    };
    await refuseForeign(api, { resource: CONFIG_MAPS, namespace: run.namespace, name }, run.marks, signal);
    const made = await api.apply(CONFIG_MAPS, anchor, signal);
    return { name, uid: made.metadata.uid ?? '' };
  });
}
