/**
 * The variables that AICR hands on from the orchestrator's environment (contract.md, section 4). Here they come with the request, since a
 * worker serves many callers: four as text, and the token from a Secret of the run's namespace, by reference. A token in clear text would
 * stay in Temporal's history and in the Job, so it is refused.
 */

import { ContractError } from '../../aicr/contract-error.ts';
import { FORWARDING_RULES } from '../../aicr/job/env.ts';
import type { EnvVar, Job } from '../../kubernetes/types.ts';
import type { Fault } from '../fault.ts';
import { show } from '../schema/words.ts';
import { clearTextAdvice, isSecretRef, secretRefAdvice } from './secret-ref.ts';
import type { Forward } from './validate-cluster-request.ts';

/** Of the forwarded names, the one whose value is a secret. */
const SECRET_NAME = 'HF_TOKEN';

/** Every place under `value` where the token stands in clear text: as a field of its own, or as a variable of a catalog's environment. */
export function secretsInClear(value: unknown, path: string): Fault[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => secretsInClear(item, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const isVariable = (value as { name?: unknown }).name === SECRET_NAME;
  return Object.entries(value).flatMap(([key, item]) => {
    const isSecret =
      (key === SECRET_NAME || (key === 'value' && isVariable)) && typeof item === 'string' && item !== '';
    return isSecret
      ? [{ path: `${path}.${key}`, message: clearTextAdvice(SECRET_NAME) }]
      : secretsInClear(item, `${path}.${key}`);
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
    // A request was checked before; a caller that starts runValidator on its own was not.
    const problem = problemOf(name, given);
    if (problem !== undefined) throw new ContractError('INVALID_REQUEST', `forward.${name} ${problem}`);
    environment[name] = typeof given === 'string' ? given : IN_SECRET;
  }
  return environment;
}

function problemOf(name: string, given: unknown): string | undefined {
  if (name === SECRET_NAME) return isSecretRef(given) ? undefined : secretRefAdvice(given, SECRET_NAME);
  return typeof given === 'string' ? undefined : `must be a text, not ${show(given)}`;
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
