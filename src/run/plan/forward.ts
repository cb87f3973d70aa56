/**
 * The variables that AICR hands on from the orchestrator's environment (contract.md, section 4). Here they come with the request, since a
 * worker serves many callers: four as text, and the token from a Secret of the run's namespace, by reference. A token in clear text would
 * stay in Temporal's history and in the Job, so it is refused.
 */

import { ContractError } from '../../aicr/contract-error.ts';
import { FORWARDING_RULES } from '../../aicr/job/env.ts';
import type { EnvVar, Job } from '../../kubernetes/types.ts';
import type { Fault } from '../fault.ts';
import { type Check, record, text } from './shape.ts';

export interface SecretRef {
  secretKeyRef: { name: string; key: string };
}

export interface Forward {
  HF_TOKEN?: SecretRef;
  AICR_REQUIRE_SCOPED_INFERENCE_GATEWAY?: string;
  AICR_NCCL_FABRIC?: string;
  AICR_NCCL_RUNTIME_IMAGE?: string;
  AICR_INFERENCE_PERF_NO_CLEANUP?: string;
}

/** Of the forwarded names, the one whose value is a secret. */
const SECRET_NAME = 'HF_TOKEN';

/** A Kubernetes object's name, and a Secret's key: what the API server takes, so that the fault is told before a pod waits for it. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

const fields: Record<keyof Forward, Check> = {
  HF_TOKEN: secretRef,
  AICR_REQUIRE_SCOPED_INFERENCE_GATEWAY: text,
  AICR_NCCL_FABRIC: text,
  AICR_NCCL_RUNTIME_IMAGE: text,
  AICR_INFERENCE_PERF_NO_CLEANUP: text,
};

export const checkForward: Check = record(fields);

/** Of what is wrong here nothing is shown: in clear text it is the secret itself, and a secret is easily put into the wrong field. */
function secretRef(value: unknown, path: string): Fault[] {
  if (typeof value === 'string') return [{ path, message: clearTextAdvice() }];
  const { secretKeyRef, ...rest } = (value ?? {}) as { secretKeyRef?: { name?: unknown; key?: unknown } };
  const { name, key, ...more } = secretKeyRef ?? {};
  const isRef =
    Object.keys({ ...rest, ...more }).length === 0 &&
    typeof name === 'string' &&
    OBJECT_NAME.test(name) &&
    typeof key === 'string' &&
    SECRET_KEY.test(key);
  const shape =
    'must be {"secretKeyRef": {"name", "key"}}, with the name of a Secret and a key of it, and no other field';
  return isRef ? [] : [{ path, message: shape }];
}

/** What to do with a token that was given in clear text. */
function clearTextAdvice(): string {
  return (
    "is a secret, and in clear text it stays in Temporal's history: revoke this one. Put the new one into a Secret of the run's namespace " +
    '(kubectl -n NAMESPACE create secret generic hf --from-file=token=FILE) and name that in the request: ' +
    `"forward": {"${SECRET_NAME}": {"secretKeyRef": {"name": "hf", "key": "token"}}}`
  );
}

/** Every place under `value` where the token stands in clear text: as a field of its own, or as a variable of a catalog's environment. */
export function secretsInClear(value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => secretsInClear(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const isVariable = (value as { name?: unknown }).name === SECRET_NAME;
  return Object.entries(value).flatMap(([key, item]) => {
    const isSecret =
      (key === SECRET_NAME || (key === 'value' && isVariable)) && typeof item === 'string' && item !== '';
    return isSecret ? [{ path: `${path}.${key}`, message: clearTextAdvice() }] : secretsInClear(item, `${path}.${key}`);
  });
}

/** Stands for a secret's value while AICR's own rules decide which validator gets it and where; {@link fromSecrets} replaces it. */
const IN_SECRET = 'in a Secret';

/** What the renderer sees as the orchestrator's environment. */
export function environmentOf(forward: Forward): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name } of FORWARDING_RULES) {
    const given: unknown = forward[name as keyof Forward];
    if (given === undefined) continue;
    // A request is checked before; this is for whoever starts runValidator without one.
    const [fault] = fields[name as keyof Forward](given, `forward.${name}`);
    if (fault !== undefined) throw new ContractError('INVALID_REQUEST', `${fault.path} ${fault.message}`);
    environment[name] = typeof given === 'string' ? given : IN_SECRET;
  }
  return environment;
}

/** The rendered Job with the token read from its Secret by the kubelet; a new Job, the given one stays as it was. */
export function fromSecrets(job: Job, { HF_TOKEN }: Forward): Job {
  if (HF_TOKEN === undefined) return job;
  const { name, key } = HF_TOKEN.secretKeyRef;
  const { spec } = job.spec.template;
  const referring = (variable: EnvVar): EnvVar =>
    variable.name === SECRET_NAME ? { name: SECRET_NAME, valueFrom: { secretKeyRef: { name, key } } } : variable;
  const containers = spec.containers.map((container) =>
    container.env === undefined ? container : { ...container, env: container.env.map(referring) },
  );
  return { ...job, spec: { ...job.spec, template: { ...job.spec.template, spec: { ...spec, containers } } } };
}

/** Names that are forwarded although no validator of the run takes them: said, since somebody expects them to do something. */
export function unusedForwards(forward: Forward, validators: readonly string[]): string[] {
  return FORWARDING_RULES.filter(({ name }) => forward[name as keyof Forward] !== undefined)
    .filter((rule) => !rule.validators.some((name) => validators.includes(name)))
    .map(
      ({ name, validators: takers }) =>
        `request.forward.${name}: no validator of this run takes it; it is for ${takers.join(', ')}`,
    );
}
