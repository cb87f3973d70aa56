/**
 * Renders a validator's Job exactly as AICR does (`BuildJobPlan`, `RenderPlanToApplyConfig`; docs/contract.md, section
 * 3). `run/decorate.ts` adds Proctor's own fields afterwards.
 */

import { VALIDATOR_CONTAINER_NAME } from '../../kubernetes/pod.ts';
import type { Affinity, Container, EnvVar, Job, PodSpec, Toleration } from '../../kubernetes/types.ts';
import type { ValidatorEntry } from '../catalog/catalog.ts';
import {
  JOB_TTL_AFTER_FINISHED_MS,
  SNAPSHOT_MOUNT_PATH,
  TERMINATION_MESSAGE_PATH,
  VALIDATION_MOUNT_PATH,
  VALIDATOR_DEFAULT_CPU,
  VALIDATOR_DEFAULT_MEMORY,
  VALIDATOR_TERMINATION_GRACE_PERIOD_MS,
} from '../constants.ts';
import { ContractError, errorText } from '../contract-error.ts';
import { formatGoDuration } from '../go/duration.ts';
import { canonicalQuantity } from '../go/quantity.ts';
import { goQuote } from '../go/quote.ts';
import { type Warning, warningText } from '../warning.ts';
import { buildAffinity, type ComponentRef } from './affinity.ts';
import { effectiveTimeoutNs, jobDeadlineSeconds } from './clocks.ts';
import { buildEnv } from './env.ts';
import { imagePullPolicy } from './image.ts';
import { jobLabels, podLabels } from './labels.ts';
import { jobName, snapshotConfigMapName, validationConfigMapName } from './names.ts';

/** Everything that a Job is rendered from. The entry's image is already resolved. */
export interface JobPlan {
  entry: ValidatorEntry;
  runId: string;
  namespace: string;
  serviceAccount: string;
  jobNameSuffix: string;
  version: string;
  commit: string;
  imagePullSecrets: readonly string[];
  tolerations: readonly Toleration[];
  nodeSelector: Record<string, string>;
  imageRegistryOverride: string;
  imageTagOverride: string;
  componentRefs: readonly ComponentRef[];
  processEnv: Record<string, string>;
}

export interface RenderedJob {
  job: Job;
  warnings: string[];
}

/**
 * Renders the Job.
 * @param log receives the warnings, even if rendering fails.
 * @throws ContractError with AICR's message, in AICR's order: affinity, resources, name.
 */
export function renderJob(plan: JobPlan, log: Warning[] = []): RenderedJob {
  const { entry } = plan;
  const affinity = buildAffinity(entry.dependencyAffinity ?? [], plan.componentRefs, log);
  const timeoutNs = effectiveTimeoutNs(entry.timeout);
  const resources = buildResources(entry);
  const name = jobName(entry.name, plan.jobNameSuffix);
  const env = buildEnv({
    ...plan,
    name: entry.name,
    phase: entry.phase,
    timeout: formatGoDuration(timeoutNs),
    env: entry.env ?? [],
  });
  const job: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: plan.namespace,
      labels: jobLabels({ runId: plan.runId, validator: entry.name, phase: entry.phase }),
    },
    spec: {
      activeDeadlineSeconds: jobDeadlineSeconds(timeoutNs),
      backoffLimit: 0,
      ttlSecondsAfterFinished: JOB_TTL_AFTER_FINISHED_MS / 1000,
      template: {
        metadata: { labels: podLabels(entry.name) },
        spec: podSpec(plan, affinity, validatorContainer(plan, env, resources)),
      },
    },
  };
  return { job, warnings: log.map(warningText) };
}

function podSpec(plan: JobPlan, affinity: Affinity, container: Container): PodSpec {
  return {
    serviceAccountName: plan.serviceAccount,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: VALIDATOR_TERMINATION_GRACE_PERIOD_MS / 1000,
    ...(plan.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: plan.imagePullSecrets.map((name) => ({ name })) }),
    // The validator's pod tolerates every taint. The caller's tolerations are for workloads that the validator starts.
    tolerations: [{ operator: 'Exists' }],
    affinity,
    containers: [container],
    volumes: [
      { name: 'snapshot', configMap: { name: snapshotConfigMapName(plan.runId) } },
      { name: 'validation', configMap: { name: validationConfigMapName(plan.runId) } },
    ],
  };
}

function validatorContainer(plan: JobPlan, env: EnvVar[], resources: Resources): Container {
  const { args, image } = plan.entry;
  return {
    name: VALIDATOR_CONTAINER_NAME,
    image,
    imagePullPolicy: imagePullPolicy(image, plan.imageTagOverride),
    ...(args === undefined || args.length === 0 ? {} : { args: [...args] }),
    env,
    resources: { requests: { ...resources }, limits: { ...resources } },
    terminationMessagePath: TERMINATION_MESSAGE_PATH,
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: 'snapshot', mountPath: SNAPSHOT_MOUNT_PATH, readOnly: true },
      { name: 'validation', mountPath: VALIDATION_MOUNT_PATH, readOnly: true },
    ],
  };
}

interface Resources extends Record<string, string> {
  cpu: string;
  memory: string;
}

/** AICR's `buildResources`: both or none, and both must parse. A typo must not result in a pod of the wrong size. */
function buildResources(entry: ValidatorEntry): Resources {
  const cpu = entry.resources?.cpu ?? '';
  const memory = entry.resources?.memory ?? '';
  if (cpu === '' && memory === '') return { cpu: VALIDATOR_DEFAULT_CPU, memory: VALIDATOR_DEFAULT_MEMORY };
  const head = `validator ${goQuote(entry.name)}:`;
  if (cpu === '' || memory === '') {
    throw new ContractError(
      'INVALID_REQUEST',
      `${head} resources must specify both cpu and memory (got cpu=${goQuote(cpu)} memory=${goQuote(memory)})`,
    );
  }
  const [cpuValue, cpuError] = parseQuantity(cpu);
  const [memoryValue, memoryError] = parseQuantity(memory);
  if (cpuValue === undefined || memoryValue === undefined) {
    throw new ContractError(
      'INVALID_REQUEST',
      `${head} invalid resource quantities (cpu=${goQuote(cpu)} err=${cpuError}; memory=${goQuote(memory)} err=${memoryError})`,
    );
  }
  return { cpu: cpuValue, memory: memoryValue };
}

/** The canonical quantity, and the error as Go's `%v` prints it: `<nil>` if there is none. */
function parseQuantity(text: string): [string | undefined, string] {
  try {
    return [canonicalQuantity(text), '<nil>'];
  } catch (error) {
    return [undefined, errorText(error)];
  }
}
