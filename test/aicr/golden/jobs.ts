/** `job-*.json`: one rendered Job, or AICR's error. */

import type { ValidatorEntry } from '../../../src/aicr/catalog/catalog.ts';
import { ContractError } from '../../../src/aicr/contract-error.ts';
import type { ComponentRef } from '../../../src/aicr/job/affinity.ts';
import { resolveImage } from '../../../src/aicr/job/image.ts';
import { type JobPlan, renderJob } from '../../../src/aicr/job/manifest.ts';
import { type Warning, warningText } from '../../../src/aicr/warning.ts';
import type { Toleration } from '../../../src/kubernetes/types.ts';
import { differences, unknownKeys } from './difference.ts';

/** The input as the files have it. Empty fields may be null or absent. */
export interface JobInput {
  entry: ValidatorEntry & { timeoutSeconds?: number };
  runId: string;
  namespace: string;
  serviceAccount: string;
  jobNameSuffix: string;
  version?: string;
  commit?: string;
  imagePullSecrets?: string[] | null;
  tolerations?: Toleration[] | null;
  nodeSelector?: Record<string, string> | null;
  imageRegistryOverride?: string;
  imageTagOverride?: string;
  componentRefs?: ComponentRef[] | null;
  processEnv?: Record<string, string> | null;
  resolveImage?: boolean;
}

interface JobCase {
  case: string;
  input: JobInput;
  output: { job?: unknown; error?: GoldenError; warnings?: GoldenWarning[] };
}

export interface GoldenError {
  code: string;
  message: string;
  full: string;
}

export type GoldenWarning = Record<string, unknown> & { level: string; message: string };

const INPUT_KEYS = [
  ...[
    'entry',
    'runId',
    'namespace',
    'serviceAccount',
    'jobNameSuffix',
    'version',
    'commit',
    'imagePullSecrets',
    'tolerations',
  ],
  ...['nodeSelector', 'imageRegistryOverride', 'imageTagOverride', 'componentRefs', 'processEnv', 'resolveImage'],
];

const ENTRY_KEYS = [
  ...['name', 'phase', 'description', 'image', 'timeout', 'timeoutSeconds'],
  ...['args', 'env', 'resources', 'dependencyAffinity'],
];

export function checkJob(golden: JobCase): string[] {
  const log: Warning[] = [];
  const { output } = golden;
  let job: unknown;
  let error: unknown;
  try {
    job = renderJob(jobPlan(golden.input), log).job;
  } catch (thrown) {
    error = thrown;
  }
  return [
    ...unknownKeys(golden.input, INPUT_KEYS, 'input'),
    ...unknownKeys(golden.input.entry, ENTRY_KEYS, 'input.entry'),
    ...unknownKeys(output, ['job', 'error', 'warnings'], 'output'),
    ...differences(output.job, plain(job), 'job'),
    ...checkError(output.error, error),
    ...checkWarnings(output.warnings, log),
  ];
}

export function jobPlan(input: JobInput): JobPlan {
  const { version = '', commit = '', imageTagOverride = '', imageRegistryOverride = '' } = input;
  const rules = { version, commit, tagOverride: imageTagOverride, registryOverride: imageRegistryOverride };
  const { args, env, dependencyAffinity, resources, ...entry } = input.entry;
  return {
    entry: {
      ...entry,
      image: input.resolveImage ? resolveImage(entry.image, rules) : entry.image,
      ...(args ? { args } : {}),
      ...(env ? { env } : {}),
      ...(dependencyAffinity ? { dependencyAffinity } : {}),
      ...(resources ? { resources } : {}),
    },
    runId: input.runId,
    namespace: input.namespace,
    serviceAccount: input.serviceAccount,
    jobNameSuffix: input.jobNameSuffix,
    version,
    commit,
    imagePullSecrets: input.imagePullSecrets ?? [],
    tolerations: input.tolerations ?? [],
    nodeSelector: input.nodeSelector ?? {},
    imageRegistryOverride,
    imageTagOverride,
    componentRefs: input.componentRefs ?? [],
    processEnv: input.processEnv ?? {},
  };
}

/** Where AICR panics, our error is an INVALID_REQUEST with our own message. Any other error must be identical. */
export function checkError(expected: GoldenError | undefined, thrown: unknown): string[] {
  if (thrown === undefined) return differences(expected, undefined, 'error');
  if (!(thrown instanceof ContractError)) return [`error: not one of ours: ${String(thrown)}`];
  const actual = { code: thrown.code, message: thrown.message, full: thrown.full };
  if (expected?.code === 'PANIC') return differences('INVALID_REQUEST', actual.code, 'error.code');
  return differences(expected, actual, 'error');
}

export function checkWarnings(expected: readonly GoldenWarning[] | undefined, actual: readonly Warning[]): string[] {
  const wanted = (expected ?? []).map(({ level: _, message, ...attributes }) => warningText({ message, attributes }));
  return differences(wanted, actual.map(warningText), 'warnings');
}

/** The value as JSON carries it, without undefined fields. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
