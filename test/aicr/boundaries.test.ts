/** What lies at the edge of each rule: where a text is just long enough, a field is absent, or two rules meet. */

import { describe, expect, it } from 'vitest';
import { checkDependencyAffinity } from '../../src/aicr/catalog/dependency-affinity.ts';
import { buildAffinity } from '../../src/aicr/job/affinity.ts';
import { isImmutableRef, resolveImage } from '../../src/aicr/job/image.ts';
import { type JobPlan, renderJob } from '../../src/aicr/job/manifest.ts';
import { isDnsLabel, jobName, runId } from '../../src/aicr/job/names.ts';
import { buildReport, type CtrfReport, mergeReports } from '../../src/aicr/result/ctrf.ts';
import {
  choosePod,
  JOB_DELETED_MESSAGE,
  JOB_NOT_FOUND_MESSAGE,
  podNotFoundError,
  resultForMissingPod,
  resultForTimeout,
  resultFromPod,
  waitFailureMessage,
} from '../../src/aicr/result/validator-result.ts';
import type { Warning } from '../../src/aicr/warning.ts';
import { terminatedState, unschedulableMessage } from '../../src/kubernetes/pod.ts';
import type { ContainerState, Pod } from '../../src/kubernetes/types.ts';
import { resultPodOf } from '../../src/run/ending/result-pod.ts';
import { endedOnItsOwn } from '../../src/run/ending/verdict.ts';

const plan = (entry: Partial<JobPlan['entry']>, processEnv: Record<string, string> = {}): JobPlan => ({
  entry: { name: 'a', phase: 'deployment', description: '', image: 'img:v1', timeout: '0s', ...entry },
  ...{ runId: 'r', namespace: 'ns', serviceAccount: 'sa', jobNameSuffix: '00000000', version: '', commit: '' },
  ...{ imagePullSecrets: [], tolerations: [], nodeSelector: {}, imageRegistryOverride: '', imageTagOverride: '' },
  ...{ componentRefs: [], processEnv },
});
const invalid = (message: string) => expect.objectContaining({ code: 'INVALID_REQUEST', message });

describe('names', () => {
  it('a DNS label has at most 63 characters', () => {
    expect(isDnsLabel('a'.repeat(63))).toBe(true);
    expect(isDnsLabel('a'.repeat(64))).toBe(false);
  });

  it('a run id ends in 16 hexadecimal digits, no more and no fewer', () => {
    const hex = '0123456789abcdef';
    expect(runId(0, hex)).toBe(`19700101-000000-${hex}`);
    for (const bad of [`0${hex}`, `${hex}0`, hex.slice(1), hex.toUpperCase()])
      expect(() => runId(0, bad)).toThrow(invalid(`not 16 hexadecimal digits: "${bad}"`));
  });

  it('a Job name that is too long says how long', () => {
    const name = 'a'.repeat(50);
    const whole = `aicr-${name}-00000000`;
    expect(() => jobName(name, '00000000')).toThrow(invalid(`job name "${whole}" exceeds 63 characters (length: 64)`));
  });
});

describe('images', () => {
  const rules = { version: '', commit: '', tagOverride: '', registryOverride: '' };

  it('of one part without a tag get the tag all the same', () => {
    expect(resolveImage('x', { ...rules, tagOverride: 't' })).toBe('x:t');
  });

  it('a version that only ends like a release is none', () => {
    expect(resolveImage('x:latest', { ...rules, version: 'xv1.0.0' })).toBe('x:latest');
  });

  const hex = (n: number) => 'a'.repeat(n);
  it.each([
    ['v12.0.0', true],
    ['v1.2.3', true],
    ['v1.12.0', true],
    ['v1.123.0', true],
    ['v1.0.12', true],
    ['v1.0.123', true],
    ['v1.01.0', false],
    ['v1.0.01', false],
    ['xv1.0.0', false],
    ['v1.0.0_x', false],
    [`sha-${hex(41)}`, false],
    ['uat-1x', false],
  ])('the tag %s is immutable: %s', (tag, immutable) => {
    expect(isImmutableRef(`ghcr.io/nvidia/aicr-validators/x:${tag}`)).toBe(immutable);
  });

  it.each([
    [`sha256:${hex(64)}`, true],
    [`sha384:${hex(96)}`, true],
    [`sha512:${hex(128)}`, true],
    [`sha256:${hex(65)}`, false],
    [`xsha256:${hex(64)}`, false],
    [`sha384:${hex(64)}`, false],
    [`sha512:${hex(127)}`, false],
  ])('the digest %s is one: %s', (digest, immutable) => {
    expect(isImmutableRef(`x@${digest}`)).toBe(immutable);
  });
});

describe('dependency affinity', () => {
  it('needs a component and labels', () => {
    expect(() => checkDependencyAffinity({})).toThrow(invalid('dependencyAffinity: componentRef is required'));
    expect(() => checkDependencyAffinity({ componentRef: 'c', podLabelSelector: {} })).toThrow(
      invalid('dependencyAffinity "c": podLabelSelector is required'),
    );
    expect(() => checkDependencyAffinity({ componentRef: 'c' })).toThrow('podLabelSelector is required');
  });

  it('warns of a gate that is no boolean once more when it says why a required component is not there, as AICR does', () => {
    const warnings: Warning[] = [];
    const dependency = { componentRef: 'c', podLabelSelector: { a: 'b' }, requirement: 'required' };
    const component = { name: 'c', overrides: { enabled: 'no' } };
    expect(() => buildAffinity([dependency], [component], warnings)).toThrow('has no resolved namespace');
    expect(warnings.map(({ message }) => message)).toEqual(
      Array(2).fill('component deployment gate is not a bool, treating component as enabled'),
    );
  });
});

describe('a Job', () => {
  const container = (entry: Partial<JobPlan['entry']>, env: Record<string, string> = {}) =>
    renderJob(plan(entry, env)).job.spec.template.spec.containers[0];

  it('has no args where the entry has none', () => {
    expect(Object.keys(container({ args: [] }) ?? {})).not.toContain('args');
  });

  it.each([
    [{ cpu: '', memory: '1Gi' }, 'cpu="" memory="1Gi"'],
    [{ cpu: '1', memory: '' }, 'cpu="1" memory=""'],
  ])('needs both resources or none: %j', (resources, got) => {
    expect(() => container({ resources })).toThrow(
      invalid(`validator "a": resources must specify both cpu and memory (got ${got})`),
    );
  });

  it('does not hand on a variable that is set to nothing', () => {
    const names = (value: string) =>
      container({ name: 'inference-perf' }, { HF_TOKEN: value })?.env?.map(({ name }) => name);
    expect(names('x')).toContain('HF_TOKEN');
    expect(names('')).not.toContain('HF_TOKEN');
  });
});

const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
const podOf = (state: ContainerState | undefined, more: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: { name: 'p', ...more },
  status: { containerStatuses: [{ name: 'validator', ...(state && { state }) }] },
});

describe('results', () => {
  const made = (name: string, second: number, phase?: 'Failed' | 'Running'): Pod => ({
    metadata: { name, creationTimestamp: at(second) },
    ...(phase && { status: { phase } }),
  });

  it('of two pods of one second are read from the one that has not failed, else from the youngest', () => {
    const chosen = (...pods: Pod[]) => choosePod(pods)?.metadata.name;
    expect(chosen(made('young', 2, 'Failed'), made('old', 1, 'Running'))).toBe('young');
    expect(chosen(made('failed', 1, 'Failed'), made('runs', 1, 'Running'))).toBe('runs');
    expect(chosen(made('failed', 1, 'Failed'), made('new', 1))).toBe('new');
    expect(chosen(made('first', 1, 'Failed'), made('second', 1, 'Failed'))).toBe('first');
    expect(chosen(made('new', 1), made('runs', 1, 'Running'))).toBe('new');
  });

  it('have the times that are known and no others', () => {
    const ended = (terminated: Omit<NonNullable<ContainerState['terminated']>, 'exitCode'>) =>
      resultFromPod(podOf({ terminated: { exitCode: 0, ...terminated } }));
    const none = { exitCode: 0, terminationMsg: '', durationMs: 0, hasLog: true };
    expect(ended({})).toStrictEqual(none);
    expect(ended({ startedAt: at(1) })).toStrictEqual({ ...none, startedAtMs: Date.parse(at(1)) });
    expect(ended({ finishedAt: at(3) })).toStrictEqual({ ...none, completedAtMs: Date.parse(at(3)) });
    expect(ended({ startedAt: 'never', finishedAt: at(3) }).durationMs).toBe(0);
    expect(ended({ startedAt: at(1), finishedAt: at(3) }).durationMs).toBe(2000);
  });

  it('of a container that waits say what for, whatever else its state says', () => {
    expect(resultFromPod(podOf({ waiting: { reason: 'R', message: 'm' }, running: {} })).terminationMsg).toBe('R: m');
    expect(resultFromPod(podOf(undefined)).terminationMsg).toBe(': ');
  });

  it('of pods without a status are told apart from those without a container', () => {
    for (const pod of [{ metadata: {} }, { metadata: {}, status: {} }] as Pod[]) {
      expect(resultFromPod(pod).terminationMsg).toBe('container "validator" not found (validator package contract)');
      expect(resultForTimeout({ pod }).terminationMsg).toContain('container "validator" not found');
      expect(terminatedState(pod)).toBeUndefined();
    }
    expect(resultForTimeout({ pod: podOf(undefined), timeout: '1m' }).terminationMsg).toBe(
      'timeout: validator did not complete within 1m0s',
    );
    expect(terminatedState(podOf(undefined))).toBeUndefined();
  });

  const missing = (condition: { reason?: string; message?: string }) =>
    resultForMissingPod({
      job: {
        metadata: {},
        spec: { template: { spec: { containers: [] } } },
        status: { conditions: [{ type: 'Failed', status: 'True', ...condition }] },
      },
      jobName: 'j',
      podError: podNotFoundError(),
    }).terminationMsg;

  it('of a Job that failed without a word say so', () => {
    expect(missing({})).toMatch(/^Job j failed \(\): ; pod not found: /);
    expect(
      resultForMissingPod({
        job: { metadata: {}, spec: { template: { spec: { containers: [] } } }, status: {} },
        jobName: 'j',
        podError: podNotFoundError(),
      }).terminationMsg,
    ).toMatch(/^pod not found for Job j/);
  });

  it('trim the Job’s message at its ends only, of all that Go takes for white space', () => {
    expect(missing({ reason: 'R', message: '\u0085 \n a  b \u0085 \n' })).toMatch(/^Job j failed \(R\): a {2}b; pod/);
    expect(missing({ reason: 'R', message: 'a  b' })).toMatch(/^Job j failed \(R\): a {2}b; pod/);
    expect(missing({ reason: 'R', message: ' \u0085 ' })).toMatch(/^Job j failed \(R\): R; pod/);
  });

  it('of an error that is its own cause come to an end', () => {
    const endless = new Error('round and round');
    endless.cause = endless;
    expect(waitFailureMessage(endless)).toBe('validation failed: round and round');
  });

  it('tell the ways a wait ends in AICR’s words', () => {
    expect(JOB_DELETED_MESSAGE).toBe('Job was deleted before reaching terminal state');
    expect(JOB_NOT_FOUND_MESSAGE).toBe('Job not found during watch resume');
  });
});

describe('verdicts', () => {
  const ended = (conditions: NonNullable<Pod['status']>['conditions'] = []): Pod => {
    const pod = podOf({ terminated: { exitCode: 0, finishedAt: at(5) } });
    return { ...pod, status: { ...pod.status, conditions } };
  };

  it('stand unless the pod itself was disrupted', () => {
    const disrupted = (status: 'True' | 'False') => ({ type: 'DisruptionTarget', status }) as const;
    const ready = { type: 'Ready', status: 'True' } as const;
    expect(endedOnItsOwn(ended([ready, { type: 'PodScheduled', status: 'False' }]))).toBe(true);
    expect(endedOnItsOwn(ended([disrupted('False')]))).toBe(true);
    expect(endedOnItsOwn(ended([ready, disrupted('True')]))).toBe(false);
  });

  it('a pod of unknown age is the oldest', () => {
    const known = podOf({ running: {} }, { name: 'known', creationTimestamp: at(1) });
    const unknown = podOf({ running: {} }, { name: 'unknown' });
    expect(resultPodOf([unknown, known])).toBe(known);
    expect(resultPodOf([known, unknown])).toBe(known);
  });

  it('a pod without a node says why', () => {
    const scheduled = (status: 'True' | 'False', message: string) =>
      ({ type: 'PodScheduled', status, message }) as const;
    const other = { type: 'Initialized', status: 'False', message: 'not this' } as const;
    expect(unschedulableMessage(ended([other, scheduled('False', 'no room')]))).toBe('no room');
    expect(unschedulableMessage(ended([scheduled('True', 'placed')]))).toBeUndefined();
    for (const pod of [undefined, { metadata: {} }, { metadata: {}, status: {} }])
      expect(unschedulableMessage(pod)).toBeUndefined();
  });
});

describe('reports', () => {
  const ran = { name: 'a', phase: 'deployment', exitCode: 0, terminationMsg: '', stdout: [], durationMs: 12.9 };
  const input = { results: [ran], startMs: 1000, stopMs: 2000, toolVersion: 'v1' };

  it('have no field for what they have no word of', () => {
    const report = buildReport(input);
    expect(report.results.tests).toStrictEqual([{ name: 'a', status: 'passed', duration: 12, suite: ['deployment'] }]);
    expect(Object.keys(report)).not.toContain('extra');
    expect(Object.keys(report.results)).not.toContain('environment');
    expect(Object.keys(mergeReports([report, report], { toolVersion: 'v1', timestamp: '' }).results)).not.toContain(
      'environment',
    );
  });

  it('keep what concerns the whole run', () => {
    expect(buildReport({ ...input, extra: { k: [1] } }).extra).toEqual({ k: [1] });
    expect(buildReport({ ...input, environment: { appName: 'x', appVersion: '' } }).results.environment).toEqual({
      appName: 'x',
    });
    expect(buildReport({ ...input, toolVersion: '' }).results.tool).toStrictEqual({ name: 'aicr' });
  });

  it('count each status', () => {
    const { summary } = buildReport({
      ...input,
      results: [ran, { ...ran, exitCode: -1 }, { ...ran, exitCode: 1 }],
    }).results;
    expect(summary).toMatchObject({ tests: 3, passed: 1, failed: 1, other: 1, skipped: 0, pending: 0 });
  });

  it('carry a provenance with the lists that it has', () => {
    const told = (lists: object) =>
      buildReport({
        ...input,
        results: [{ ...ran, runtimeProvenance: { shippedDigest: 's', derivedDigest: 'd', ...lists } }],
      }).results.tests[0]?.extra?.runtimeProvenance;
    expect(told({})).toBe('{"shippedDigest":"s","derivedDigest":"d"}');
    expect(told({ inheritedPaths: ['p'] })).toBe('{"shippedDigest":"s","derivedDigest":"d","inheritedPaths":["p"]}');
  });

  it('merged, add what is pending, and take the earliest start and the first time that is one', () => {
    const report = (timestamp: string, start: number, pending: number): CtrfReport => {
      const built = buildReport({ ...input, timestamp });
      return { ...built, results: { ...built.results, summary: { ...built.results.summary, start, pending } } };
    };
    const merged = mergeReports([report('', 500, 1), report('2026-01-02T00:00:00Z', 400, 2), report('x', 600, 4)], {
      toolVersion: 'v1',
      timestamp: 'none',
    });
    expect(merged.timestamp).toBe('2026-01-02T00:00:00Z');
    expect(merged.results.summary).toMatchObject({ pending: 7, start: 400, tests: 3 });
  });
});
