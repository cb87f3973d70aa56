import { expect, it } from 'vitest';
import type { Job } from '../../src/kubernetes/types.ts';
import { decorate } from '../../src/run/decorate.ts';
import { asFirstRunId, asWorkflowId } from '../../src/run/ids.ts';
import { hasMarks } from '../../src/run/marks.ts';

const marks = {
  installation: 'i',
  workflowId: asWorkflowId('w'),
  workflowRunId: asFirstRunId('r'),
  validator: 'v',
  attempt: 2,
};
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'anchor', uid: 'u' };
const rendered: Job = {
  metadata: { name: 'j', labels: { a: 'job' } },
  spec: { template: { metadata: { labels: { b: 'pod' } }, spec: { containers: [] } } },
};

it('adds Proctor’s marks, owner, TTL and policies to a Job and keeps its labels', () => {
  const { metadata, spec } = decorate(rendered, marks, { name: 'anchor', uid: 'u' });
  expect(metadata.ownerReferences).toEqual([{ ...owner, blockOwnerDeletion: true }]);
  expect(metadata.labels).toMatchObject({ a: 'job' });
  expect(spec.template.metadata?.labels).toMatchObject({ b: 'pod' });
  expect(hasMarks({ metadata }, marks)).toBe(true);
  expect(spec).toMatchObject({
    ttlSecondsAfterFinished: 3 * 24 * 60 * 60,
    podReplacementPolicy: 'Failed',
    podFailurePolicy: {
      rules: [{ action: 'FailJob', onExitCodes: { containerName: 'validator', operator: 'NotIn', values: [0] } }],
    },
  });
});
