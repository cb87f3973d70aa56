import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContractError, errorText, hasCode } from '../../../src/aicr/contract-error.ts';
import { buildAffinity } from '../../../src/aicr/job/affinity.ts';
import { FORWARDING_RULES, isForwardedName } from '../../../src/aicr/job/env.ts';
import {
  dataConfigMapLabels,
  jobLabels,
  namespaceLabels,
  podLabels,
  rbacLabels,
  reportConfigMapLabels,
} from '../../../src/aicr/job/labels.ts';
import { type JobPlan, renderJob } from '../../../src/aicr/job/manifest.ts';
import * as names from '../../../src/aicr/job/names.ts';
import { type Warning, warningText } from '../../../src/aicr/warning.ts';
import { decorate } from '../../../src/run/decorate.ts';
import { asFirstRunId, asWorkflowId } from '../../../src/run/ids.ts';
import { hasMarks, installationSelector, type Marks, markAnnotations, markLabels } from '../../../src/run/marks.ts';

const RUN = '20260901-101500-0123456789abcdef';
const marks: Marks = {
  installation: 'i-1',
  workflowId: asWorkflowId('proctor/run one'),
  workflowRunId: asFirstRunId('r-1'),
  validator: 'a',
  attempt: 2,
};
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'anchor', uid: 'u', controller: true };

const plan: JobPlan = {
  entry: { name: 'a', phase: 'deployment', description: '', image: 'img:v1', timeout: '0s' },
  ...{ runId: RUN, namespace: 'ns', serviceAccount: 'sa', jobNameSuffix: '00000000', version: '', commit: '' },
  ...{ imagePullSecrets: [], tolerations: [], nodeSelector: {}, imageRegistryOverride: '', imageTagOverride: '' },
  ...{ componentRefs: [], processEnv: {} },
};

describe('names', () => {
  it('of a run carry its time in UTC', () => {
    expect(names.runId(Date.UTC(2026, 8, 1, 10, 15, 0, 999), '0123456789abcdef')).toBe(RUN);
    expect(() => names.runId(0, 'xyz')).toThrow('not 16 hexadecimal digits');
  });

  it('of what a run makes', () => {
    expect(names.serviceAccountName(RUN)).toBe(`aicr-validator-${RUN}`);
    expect(names.clusterRoleBindingName(RUN)).toBe(`aicr-validator-${RUN}`);
    expect(names.snapshotConfigMapName(RUN)).toBe(`aicr-snapshot-${RUN}`);
    expect(names.validationConfigMapName(RUN)).toBe(`aicr-validation-${RUN}`);
    expect(names.reportConfigMapName(RUN, 'deployment')).toBe(`aicr-ctrf-${RUN}-deployment`);
  });

  it('of a Job are DNS labels of at most 63 characters, or an error', () => {
    const longest = 'a'.repeat(names.MAX_VALIDATOR_NAME);
    expect(names.jobName(longest, '01234567')).toHaveLength(63);
    for (const bad of [`${longest}a`, '', '-a', 'a-', 'A', 'a.b', 'a\n', 'ü']) {
      expect(() => names.jobName(bad, '01234567')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    }
    fc.assert(
      fc.property(fc.string(), (validator) => {
        try {
          expect(names.isDnsLabel(names.jobName(validator, 'abcdef01'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });

  it('of a Job’s attempt are a function of run, validator and attempt, and differ between them', () => {
    const suffix = (runId: string, validator: string, attempt: number) =>
      names.jobNameSuffix({ runId, validator, attempt });
    expect(suffix(RUN, 'a', 1)).toMatch(/^[0-9a-f]{8}$/);
    expect(suffix(RUN, 'a', 1)).toBe(suffix(RUN, 'a', 1));
    const all = Array.from({ length: 40 }, (_, v) =>
      Array.from({ length: 25 }, (_, a) => suffix(RUN, `v${v}`, a)),
    ).flat();
    expect(new Set(all).size).toBe(1000);
    // MurmurHash3 (x86, 32 bits, seed 0) of the parts joined by NUL, computed apart from this code.
    expect(suffix(RUN, 'a', 1)).toBe('e5495430');
    expect(suffix('r', 'ab', 12)).toBe('0b45ab49');
  });
});

describe('labels', () => {
  const app = { 'app.kubernetes.io/name': 'aicr', 'app.kubernetes.io/component': 'validation' };
  const managed = { ...app, 'app.kubernetes.io/managed-by': 'aicr' };

  it('are AICR’s', () => {
    expect(jobLabels({ runId: RUN, validator: 'a', phase: 'p' })).toEqual({
      ...managed,
      'aicr.run/job-type': 'validation',
      'aicr.run/run-id': RUN,
      'aicr.run/validator': 'a',
      'aicr.run/phase': 'p',
    });
    expect(podLabels('a')).toEqual({ ...app, 'aicr.run/validator': 'a' });
    expect(dataConfigMapLabels(RUN)).toEqual({ ...managed, 'aicr.run/run-id': RUN });
    expect(reportConfigMapLabels(RUN, 'p')).toEqual({
      ...managed,
      'aicr.run/run-id': RUN,
      'aicr.run/phase': 'p',
      'aicr.run/report-type': 'ctrf',
    });
    expect(namespaceLabels()).toEqual(managed);
    expect(rbacLabels()).toEqual({
      'app.kubernetes.io/name': 'aicr-validator',
      'app.kubernetes.io/managed-by': 'aicr',
    });
  });
});

describe('marks', () => {
  const marked = { metadata: { labels: { ...markLabels(marks), more: 'x' }, annotations: markAnnotations(marks) } };

  it('are labels, and an annotation for what no label may hold', () => {
    expect(markLabels(marks)).toEqual({
      'proctor.run/installation': 'i-1',
      'proctor.run/workflow-run-id': 'r-1',
      'proctor.run/validator': 'a',
      'proctor.run/attempt': '2',
    });
    expect(markAnnotations(marks)).toEqual({ 'proctor.run/workflow-id': 'proctor/run one' });
    expect(markLabels({ installation: 'i', workflowId: asWorkflowId('w'), workflowRunId: asFirstRunId('r') })).toEqual({
      'proctor.run/installation': 'i',
      'proctor.run/workflow-run-id': 'r',
    });
    expect(installationSelector('i-1')).toBe('proctor.run/installation=i-1');
  });

  it('are borne by what carries every one of them, and by nothing else', () => {
    expect(hasMarks(marked, marks)).toBe(true);
    expect(hasMarks({ metadata: {} }, marks)).toBe(false);
    for (const change of [
      { installation: 'x' },
      { workflowId: asWorkflowId('x') },
      { workflowRunId: asFirstRunId('x') },
      { validator: 'x' },
      { attempt: 3 },
    ]) {
      expect(hasMarks(marked, { ...marks, ...change })).toBe(false);
    }
  });
});

describe('decorate', () => {
  const { job } = renderJob(plan);
  const before = structuredClone(job);
  const decorated = decorate(job, marks, owner);

  it('leaves the rendered Job as it was', () => expect(job).toEqual(before));

  it('adds the documented list, and nothing else', () => {
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

  it('marks the Job and the pod', () => {
    expect(hasMarks(decorated, marks)).toBe(true);
    expect(hasMarks({ metadata: decorated.spec.template.metadata ?? {} }, marks)).toBe(true);
    expect(decorated.metadata.labels).toMatchObject(before.metadata.labels ?? {});
    expect(decorated.spec.template.metadata?.labels).toMatchObject(before.spec.template.metadata?.labels ?? {});
  });
});

describe('renderJob', () => {
  it('gives the same every time', () =>
    expect(JSON.stringify(renderJob(plan))).toBe(JSON.stringify(renderJob(structuredClone(plan)))));

  it('shares nothing with the plan', () => {
    const entry = { ...plan.entry, args: ['x'] };
    const { job } = renderJob({ ...plan, entry });
    job.spec.template.spec.containers[0]?.args?.push('y');
    expect(entry.args).toEqual(['x']);
  });

  it('reports affinity before resources before the name', () => {
    const bad = {
      ...plan.entry,
      name: 'BAD',
      resources: { cpu: 'x', memory: '' },
      dependencyAffinity: [{ componentRef: '', podLabelSelector: {} }],
    };
    expect(() => renderJob({ ...plan, entry: bad })).toThrow('dependencyAffinity: componentRef is required');
    expect(() => renderJob({ ...plan, entry: { ...bad, dependencyAffinity: [] } })).toThrow(
      'resources must specify both cpu and memory (got cpu="x" memory="")',
    );
    expect(() =>
      renderJob({ ...plan, entry: { ...bad, dependencyAffinity: [], resources: { cpu: '', memory: '' } } }),
    ).toThrow('invalid validator name "BAD"');
  });

  it('forwards its five names to their validators and to nobody else, and takes none of them from a catalog', () => {
    const processEnv = Object.fromEntries(FORWARDING_RULES.map(({ name }) => [name, 'true']));
    const env = FORWARDING_RULES.map(({ name }) => ({ name, value: 'from-catalog' }));
    const forwarded = (name: string) =>
      (
        renderJob({ ...plan, processEnv, entry: { ...plan.entry, name, env } }).job.spec.template.spec.containers[0]
          ?.env ?? []
      )
        .filter((variable) => isForwardedName(variable.name))
        .map((variable) => `${variable.name}=${variable.value}`);
    expect(forwarded('inference-perf')).toEqual(['HF_TOKEN=true', 'AICR_INFERENCE_PERF_NO_CLEANUP=1']);
    expect(forwarded('inference-gateway')).toEqual(['AICR_REQUIRE_SCOPED_INFERENCE_GATEWAY=true']);
    expect(forwarded('nccl-all-reduce-bw-net')).toEqual(['AICR_NCCL_FABRIC=true', 'AICR_NCCL_RUNTIME_IMAGE=true']);
    for (const name of ['nccl-all-reduce-bw', 'nccl-all-reduce-bw-nvls'])
      expect(forwarded(name)).toEqual(['AICR_NCCL_RUNTIME_IMAGE=true']);
    for (const name of ['inference-perf-2', 'operator-health']) expect(forwarded(name)).toEqual([]);
  });
});

describe('affinity', () => {
  const dependency = { componentRef: 'c', podLabelSelector: { x: 'y' } };
  const build = (components: Parameters<typeof buildAffinity>[1], requirement?: string, log: Warning[] = []) =>
    buildAffinity(
      [{ ...dependency, ...(requirement === undefined ? {} : { requirement }), topologyKey: 'zone' }],
      components,
      log,
    );

  it('is a required or a preferred term for a component that is there', () => {
    const term = { labelSelector: { matchLabels: { x: 'y' } }, namespaces: ['n'], topologyKey: 'zone' };
    expect(build([{ name: 'c', namespace: 'n' }], 'required').podAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: [term],
    });
    expect(build([{ name: 'c', namespace: 'n' }]).podAffinity).toEqual({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }],
    });
  });

  it('only warns of a preferred component that is not', () => {
    for (const components of [[], [{ name: 'c' }], [{ name: 'c', namespace: 'n', overrides: { enabled: false } }]]) {
      const log: Warning[] = [];
      expect(build(components, 'preferred', log).podAffinity).toBeUndefined();
      expect(log.map(warningText)).toEqual([
        'preferred dependencyAffinity component not present in recipe; skipping affinity term componentRef="c"',
      ]);
    }
  });

  it('takes a gate that is no boolean for open, with a warning', () => {
    const log: Warning[] = [];
    expect(
      build([{ name: 'c', namespace: 'n', overrides: { enabled: 'no', install: true } }], 'required', log).podAffinity,
    ).toBeDefined();
    expect(log.map(warningText)).toEqual([
      'component deployment gate is not a bool, treating component as enabled component="c" key="enabled" value="no"',
    ]);
  });
});

describe('errors', () => {
  const inner = new ContractError('TIMEOUT', 'too late');
  const outer = new ContractError('INTERNAL', 'no', new Error('between', { cause: inner }));

  it('are written with code and cause, and found by code at any depth', () => {
    expect(inner.full).toBe('[TIMEOUT] too late');
    expect(new ContractError('INTERNAL', 'no', inner).full).toBe('[INTERNAL] no: [TIMEOUT] too late');
    expect(errorText(new Error('plain'))).toBe('plain');
    expect(errorText('text')).toBe('text');
    expect([
      hasCode(outer, 'TIMEOUT'),
      hasCode(outer, 'INTERNAL'),
      hasCode(outer, 'NOT_FOUND'),
      hasCode('x', 'TIMEOUT'),
    ]).toEqual([true, true, false, false]);
  });
});
