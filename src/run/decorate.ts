/**
 * What Proctor adds to a rendered Job, and all of it (design.md, "The manifest"; docs/compatibility.md has the same list):
 * 1. its marks: labels on the Job and on the pod template, an annotation on both;
 * 2. an owner: the run's anchor, so that a Job applied after cleanup is collected. `blockOwnerDeletion`, so that deleting the anchor in the
 *    foreground proves the Job gone; not `controller`, which a ConfigMap is not;
 * 3. podFailurePolicy: the Job's Failed condition then names the validator's exit code, also when the pod is gone;
 * 4. a TTL of three days, so that an orchestrator that was away still finds the Job;
 * 5. podReplacementPolicy Failed: no second pod beside one that is still ending.
 */

import { VALIDATOR_CONTAINER_NAME } from '../kubernetes/pod.ts';
import type { Job } from '../kubernetes/types.ts';
import { ownedByAnchor } from './anchor.ts';
import { type Marks, withMarks } from './marks.ts';
import type { NamedUid } from './scope.ts';

export const DECORATED_TTL_SECONDS = 3 * 24 * 60 * 60;

/** A new Job; the given one stays as it was. */
export function decorate(job: Job, marks: Marks, anchor: NamedUid): Job {
  return {
    ...job,
    metadata: { ...withMarks(job.metadata, marks), ownerReferences: [ownedByAnchor(anchor)] },
    spec: {
      ...job.spec,
      ttlSecondsAfterFinished: DECORATED_TTL_SECONDS,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onExitCodes: { containerName: VALIDATOR_CONTAINER_NAME, operator: 'NotIn', values: [0] },
          },
        ],
      },
      template: { ...job.spec.template, metadata: withMarks(job.spec.template.metadata ?? {}, marks) },
    },
  };
}
