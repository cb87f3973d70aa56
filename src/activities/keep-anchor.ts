import { CONFIG_MAPS } from '../cluster/resources.ts';
import type { ConfigMap } from '../kubernetes/types.ts';
import { anchorName } from '../run/anchor.ts';
import { EXPIRES_ANNOTATION, hasMarks } from '../run/marks.ts';
import type { ActivityDeps, RunInput } from './activity-deps.ts';
import { defineActivity } from './define-activity.ts';

export interface KeepAnchorInput extends RunInput {
  /** When the sweep may delete the anchor, in RFC 3339. */
  expires: string;
}

/** Keeps the run's anchor until it expires, and with it the objects that it owns and that cleanup did not delete. */
export function keepAnchor({ clusters }: ActivityDeps) {
  return defineActivity(async ({ run, expires }: KeepAnchorInput, signal): Promise<void> => {
    const { api } = await clusters.pinned(run.cluster, signal);
    const ref = { resource: CONFIG_MAPS, namespace: run.namespace, name: anchorName(run.runId) };
    const anchor = await api.find<ConfigMap>(ref, signal);
    if (anchor === undefined || !hasMarks(anchor, run.marks)) return;
    const annotations = { [EXPIRES_ANNOTATION]: expires };
    await api.patch(ref, anchor.metadata.uid ?? '', { metadata: { annotations } }, signal);
  });
}
