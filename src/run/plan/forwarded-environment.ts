/**
 * How forwarded variables get into a validator's Job. AICR forwards them from the orchestrator's environment
 * (docs/contract.md section 4). With Proctor they come with the request, since a worker serves many callers: four as
 * texts, and the token as a reference to a Secret in the run's namespace.
 */

import { ContractError } from '../../aicr/contract-error.ts';
import { FORWARDING_RULES } from '../../aicr/job/env.ts';
import type { EnvVar, Job } from '../../kubernetes/types.ts';
import { SECRET_NAME } from '../schema/secret-field.ts';
import { show } from '../schema/words.ts';
import { isSecretRef, secretRefAdvice } from './secret-ref.ts';
import type { Forward } from './validate-cluster-request.ts';

/** Stands for the token while AICR's rules decide which validators get it; {@link withSecretRefs} replaces it. */
const IN_SECRET = 'in a Secret';

/**
 * The forwarded variables as the renderer sees them: AICR reads them from the orchestrator's environment.
 * @throws ContractError `INVALID_REQUEST` if a value is malformed.
 */
export function forwardedEnvironment(forward: Forward): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name } of FORWARDING_RULES) {
    const given: unknown = forward[name as keyof Forward];
    if (given === undefined) continue;
    // `checkRequest` has checked a run's request; this protects a `runValidator` that is started directly.
    const problem = problemOf(name, given);
    if (problem !== undefined) throw new ContractError('INVALID_REQUEST', `forward.${name} ${problem}`);
    environment[name] = typeof given === 'string' ? given : IN_SECRET;
  }
  return environment;
}

function problemOf(name: string, given: unknown): string | undefined {
  if (name === SECRET_NAME) return isSecretRef(given) ? undefined : secretRefAdvice(given);
  return typeof given === 'string' ? undefined : `must be a string, not ${show(given)}`;
}

/** A copy of the rendered Job in which the kubelet reads the token from its Secret. */
export function withSecretRefs(job: Job, { HF_TOKEN }: Forward): Job {
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

/** A warning for each forwarded variable that no validator of the run takes, and that therefore has no effect. */
export function unusedForwards(forward: Forward, validators: readonly string[]): string[] {
  return FORWARDING_RULES.filter(({ name }) => forward[name as keyof Forward] !== undefined)
    .filter((rule) => !rule.validators.some((name) => validators.includes(name)))
    .map(
      ({ name, validators: takers }) =>
        `request.forward.${name}: no validator of this run takes it; it is for ${takers.join(', ')}`,
    );
}
