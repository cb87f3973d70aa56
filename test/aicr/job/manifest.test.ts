import { describe, expect, it } from 'vitest';
import { FORWARDING_RULES, isForwardedName } from '../../../src/aicr/job/env.ts';
import { type JobPlan, renderJob } from '../../../src/aicr/job/manifest.ts';

const invalid = (message: string) => expect.objectContaining({ code: 'INVALID_REQUEST', message });

const RUN = '20260901-101500-0123456789abcdef';

const plan: JobPlan = {
  entry: { name: 'a', phase: 'deployment', description: '', image: 'img:v1', timeout: '0s' },
  ...{ runId: RUN, namespace: 'ns', serviceAccount: 'sa', jobNameSuffix: '00000000', version: '', commit: '' },
  ...{ imagePullSecrets: [], tolerations: [], nodeSelector: {}, imageRegistryOverride: '', imageTagOverride: '' },
  ...{ componentRefs: [], processEnv: {} },
};

describe('renderJob', () => {
  it('renders the same Job every time', () =>
    expect(JSON.stringify(renderJob(plan))).toBe(JSON.stringify(renderJob(structuredClone(plan)))));

  it('shares no arrays with the plan', () => {
    const entry = { ...plan.entry, args: ['x'] };
    const { job } = renderJob({ ...plan, entry });
    job.spec.template.spec.containers[0]?.args?.push('y');
    expect(entry.args).toEqual(['x']);
  });

  it('reports a bad affinity first, then bad resources, then a bad name', () => {
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

  it('forwards each of the five variables only to its validators, and never from a catalog', () => {
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

describe('a rendered container', () => {
  const container = (entry: Partial<JobPlan['entry']>, env: Record<string, string> = {}) =>
    renderJob({ ...plan, entry: { ...plan.entry, ...entry }, processEnv: env }).job.spec.template.spec.containers[0];

  it('has no args if the entry has none', () => {
    expect(Object.keys(container({ args: [] }) ?? {})).not.toContain('args');
  });

  it.each([
    [{ cpu: '', memory: '1Gi' }, 'cpu="" memory="1Gi"'],
    [{ cpu: '1', memory: '' }, 'cpu="1" memory=""'],
  ])('has both resources or none: %j', (resources, got) => {
    expect(() => container({ resources })).toThrow(
      invalid(`validator "a": resources must specify both cpu and memory (got ${got})`),
    );
  });

  it('does not forward a variable that is empty', () => {
    const names = (value: string) =>
      container({ name: 'inference-perf' }, { HF_TOKEN: value })?.env?.map(({ name }) => name);
    expect(names('x')).toContain('HF_TOKEN');
    expect(names('')).not.toContain('HF_TOKEN');
  });
});
