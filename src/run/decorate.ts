/**
 * Everything that Proctor adds to a rendered Job; docs/compatibility.md has the same list:
 * 1. its marks: labels and an annotation, each on the Job and on its pod template;
 * 2. an owner reference to the run's anchor, so that a Job that is applied after cleanup is garbage collected;
 * 3. a podFailurePolicy, which makes the Job's Failed condition name the validator's exit code, even after the pod is
 *    gone;
 * 4. a TTL of three days, so that an orchestrator that was down finds the Job when it is back;
 * 5. podReplacementPolicy Failed, so that no second pod starts while the first one is still terminating.
 */

import { VALIDATOR_CONTAINER_NAME } from '../kubernetes/pod.ts';
import type { Job } from '../kubernetes/types.ts';
import { ownedByAnchor } from './anchor.ts';
import { type Marks, withMarks } from './marks.ts';
import type { NamedUid } from './scope.ts';

export const DECORATED_TTL_SECONDS = 3 * 24 * 60 * 60;

/**
 * A copy of the Job with Proctor's additions. Keeps G1: the podFailurePolicy and a TTL of three days keep the exit code
 * on the cluster.
 */
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
