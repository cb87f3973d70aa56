import { describe, expect, it } from 'vitest';
import { type JobPlan, renderJob } from '../../src/aicr/job/manifest.ts';
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

describe('a rendered Job', () => {
  const plan: JobPlan = {
    entry: { name: 'a', phase: 'deployment', description: '', image: 'img:v1', timeout: '0s' },
    ...{ runId: '20260901-101500-0123456789abcdef', namespace: 'ns', serviceAccount: 'sa', jobNameSuffix: '00000000' },
    ...{ version: '', commit: '', imagePullSecrets: [], tolerations: [], nodeSelector: {}, componentRefs: [] },
    ...{ imageRegistryOverride: '', imageTagOverride: '', processEnv: {} },
  };
  const { job } = renderJob(plan);
  const before = structuredClone(job);
  const decorated = decorate(job, marks, { name: 'anchor', uid: 'u' });

  it('is not modified', () => expect(job).toEqual(before));

  it('receives the documented fields and nothing else', () => {
    const { metadata, spec } = decorated;
    expect(metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'anchor', uid: 'u', blockOwnerDeletion: true },
    ]);
    expect(spec).toMatchObject({
      ttlSecondsAfterFinished: 259_200,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { containerName: 'validator', operator: 'NotIn', values: [0] } }],
      },
    });
    const { podFailurePolicy: _, podReplacementPolicy: __, ...restOfSpec } = spec;
    expect({
      ...restOfSpec,
      ttlSecondsAfterFinished: 3600,
      template: { ...spec.template, metadata: before.spec.template.metadata },
    }).toEqual(before.spec);
    expect({ ...metadata, ownerReferences: undefined, annotations: undefined, labels: before.metadata.labels }).toEqual(
      before.metadata,
    );
  });

  it('carries the marks on the Job and on the pod, beside its own labels', () => {
    expect(hasMarks(decorated, marks)).toBe(true);
    expect(hasMarks({ metadata: decorated.spec.template.metadata ?? {} }, marks)).toBe(true);
    expect(decorated.metadata.labels).toMatchObject(before.metadata.labels ?? {});
    expect(decorated.spec.template.metadata?.labels).toMatchObject(before.spec.template.metadata?.labels ?? {});
  });
});
