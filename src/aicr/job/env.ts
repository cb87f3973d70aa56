/** The environment of a validator's container (AICR's `buildEnv`; docs/contract.md, section 4). */

import type { EnvVar, Toleration } from '../../kubernetes/types.ts';
import { SNAPSHOT_KEY, SNAPSHOT_MOUNT_PATH, VALIDATION_KEY, VALIDATION_MOUNT_PATH } from '../constants.ts';
import { encodeNodeSelector } from './node-selector.ts';
import { encodeTolerations } from './tolerations.ts';

export interface EnvInput {
  name: string;
  phase: string;
  runId: string;
  /** The check's timeout in Go's form, never empty: the default is already applied. */
  timeout: string;
  nodeSelector: Record<string, string>;
  tolerations: readonly Toleration[];
  version: string;
  commit: string;
  imageRegistryOverride: string;
  imageTagOverride: string;
  /** The orchestrator's environment, of which five names are forwarded. */
  processEnv: Record<string, string>;
  /** The catalog entry's own variables. */
  env: readonly { name: string; value: string }[];
}

export function buildEnv(input: EnvInput): EnvVar[] {
  return [...fixedEnv(input), ...optionalEnv(input), ...forwardedEnv(input), ...catalogEnv(input)];
}

function fixedEnv(input: EnvInput): EnvVar[] {
  return [
    { name: 'AICR_SNAPSHOT_PATH', value: `${SNAPSHOT_MOUNT_PATH}/${SNAPSHOT_KEY}` },
    { name: 'AICR_VALIDATION_PATH', value: `${VALIDATION_MOUNT_PATH}/${VALIDATION_KEY}` },
    { name: 'AICR_VALIDATOR_NAME', value: input.name },
    { name: 'AICR_VALIDATOR_PHASE', value: input.phase },
    { name: 'AICR_RUN_ID', value: input.runId },
    { name: 'AICR_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    { name: 'AICR_CHECK_TIMEOUT', value: input.timeout },
  ];
}

/** Variables whose source is not empty. The encoded value may still be empty. */
function optionalEnv(input: EnvInput): EnvVar[] {
  const out: EnvVar[] = [];
  if (Object.keys(input.nodeSelector).length > 0) {
    out.push({ name: 'AICR_NODE_SELECTOR', value: encodeNodeSelector(input.nodeSelector) });
  }
  if (input.tolerations.length > 0) out.push({ name: 'AICR_TOLERATIONS', value: encodeTolerations(input.tolerations) });
  if (input.version !== '') out.push({ name: 'AICR_CLI_VERSION', value: input.version });
  if (input.commit !== '') out.push({ name: 'AICR_CLI_COMMIT', value: input.commit });
  if (input.imageRegistryOverride !== '') {
    out.push({ name: 'AICR_VALIDATOR_IMAGE_REGISTRY', value: input.imageRegistryOverride });
  }
  if (input.imageTagOverride !== '') out.push({ name: 'AICR_VALIDATOR_IMAGE_TAG', value: input.imageTagOverride });
  return out;
}

interface ForwardingRule {
  name: string;
  /** The only validators that receive it. */
  validators: readonly string[];
  /** The value to forward; undefined to forward none. An empty variable counts as unset. */
  forward: (value: string) => string | undefined;
}

const verbatim = (value: string) => (value === '' ? undefined : value);

/** The five variables that the orchestrator's environment supplies, in the order in which they are appended. */
export const FORWARDING_RULES: readonly ForwardingRule[] = [
  { name: 'HF_TOKEN', validators: ['inference-perf'], forward: verbatim },
  { name: 'AICR_REQUIRE_SCOPED_INFERENCE_GATEWAY', validators: ['inference-gateway'], forward: verbatim },
  { name: 'AICR_NCCL_FABRIC', validators: ['nccl-all-reduce-bw-net'], forward: verbatim },
  {
    name: 'AICR_NCCL_RUNTIME_IMAGE',
    validators: ['nccl-all-reduce-bw', 'nccl-all-reduce-bw-net', 'nccl-all-reduce-bw-nvls'],
    forward: verbatim,
  },
  {
    name: 'AICR_INFERENCE_PERF_NO_CLEANUP',
    validators: ['inference-perf'],
    forward: (value) => (isTrue(value) ? '1' : undefined),
  },
];

const FORWARDED_NAMES = new Set(FORWARDING_RULES.map((rule) => rule.name));

/** Whether a request may forward the variable, so that a catalog may not set it. */
export function isForwardedName(name: string): boolean {
  return FORWARDED_NAMES.has(name);
}

function forwardedEnv(input: EnvInput): EnvVar[] {
  return FORWARDING_RULES.flatMap((rule) => {
    const value = Object.hasOwn(input.processEnv, rule.name)
      ? rule.forward(input.processEnv[rule.name] ?? '')
      : undefined;
    return value !== undefined && rule.validators.includes(input.name) ? [{ name: rule.name, value }] : [];
  });
}

/** The catalog's variables except the forwarded names. Nothing else is de-duplicated. */
function catalogEnv(input: EnvInput): EnvVar[] {
  return input.env.filter(({ name }) => !isForwardedName(name)).map(({ name, value }) => ({ name, value }));
}

/** Whether Go's `strconv.ParseBool` reads the text as true. */
function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
}
