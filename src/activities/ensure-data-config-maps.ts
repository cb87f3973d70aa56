import { SNAPSHOT_KEY, VALIDATION_KEY } from '../aicr/constants.ts';
import { dataConfigMapLabels } from '../aicr/job/labels.ts';
import { snapshotConfigMapName, validationConfigMapName } from '../aicr/job/names.ts';
import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { ownedByAnchor } from '../run/anchor.ts';
import { withMarks } from '../run/marks.ts';
import type { TextSource } from '../run/plan/validate-cluster-request.ts';
import type { NamedUid } from '../run/scope.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';
import { readText } from './read-text.ts';

export interface EnsureDataConfigMapsInput extends RunInput {
  anchor: NamedUid;
  snapshot?: TextSource;
  validation?: TextSource;
}

/** What a validator reads if the request has no snapshot or validation. The ConfigMap must exist to be mounted. */
const EMPTY: TextSource = { inline: '{}\n' };

/** Creates or updates the ConfigMaps that each validator of the run mounts at /data/snapshot and /data/validation. */
export function ensureDataConfigMaps({ clusters, policy }: ActivityDeps) {
  return defineActivity(async (input: EnsureDataConfigMapsInput, signal): Promise<void> => {
    const { run, anchor, snapshot, validation } = input;
    const { api } = await clusters.pinned(run.cluster, signal);
    const wanted = [
      { name: snapshotConfigMapName(run.runId), key: SNAPSHOT_KEY, source: snapshot, path: 'request.snapshot' },
      {
        name: validationConfigMapName(run.runId),
        key: VALIDATION_KEY,
        source: validation,
        path: 'request.validation',
      },
    ];
    for (const { name, key, source, path } of wanted) {
      const text = await readText({ api, policy, namespace: run.namespace }, source ?? EMPTY, path, signal);
      const configMap: ConfigMap = {
        metadata: {
          name,
          namespace: run.namespace,
          ...withMarks({ labels: dataConfigMapLabels(run.runId) }, run.marks),
          ownerReferences: [ownedByAnchor(anchor)],
        },
        data: { [key]: text },
      };
      await api.put(CONFIG_MAPS, configMap, signal);
    }
  });
}
