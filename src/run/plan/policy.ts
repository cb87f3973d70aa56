/**
 * What a worker's policy allows. Anyone who can start a workflow can run any container with the validators' role, so
 * the worker's policy limits every request. `config/policy-file.ts` reads the policy from a file and the environment.
 */

import { DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import { goQuote } from '../../aicr/go/quote.ts';
import type { Fault } from '../fault.ts';
import type { Policy } from './policy-schema.ts';

/** Allows any value of its kind. */
const ANY = '*';

/**
 * The policy of a worker without a configured one:
 * - no ClusterRole, so nothing runs before an operator has decided which permissions validators may have;
 * - any image, since an image can do only what its role can;
 * - AICR's own namespace;
 * - files of the examples only.
 */
export const DEFAULT_POLICY: Policy = {
  clusterRoles: [],
  imagePrefixes: [ANY],
  namespaces: [DEFAULT_NAMESPACE],
  fileRoots: ['examples'],
};

export const POLICY_FIELDS = Object.keys(DEFAULT_POLICY) as (keyof Policy)[];

/** One thing that a request asks for, and the path of the field that asks. */
export interface Claim {
  of: 'clusterRole' | 'image' | 'namespace';
  value: string;
  path: string;
}

const RULES: Record<
  Claim['of'],
  { field: keyof Policy; variable: string; allows: (rule: string, value: string) => boolean }
> = {
  clusterRole: {
    field: 'clusterRoles',
    variable: 'PROCTOR_ALLOW_CLUSTER_ROLES',
    allows: (rule, value) => rule === value,
  },
  image: { field: 'imagePrefixes', variable: 'PROCTOR_ALLOW_IMAGE_PREFIXES', allows: beginsWith },
  namespace: { field: 'namespaces', variable: 'PROCTOR_ALLOW_NAMESPACES', allows: (rule, value) => rule === value },
};

/** A fault for each claim that the policy does not allow, with what it does allow and how an operator changes it. */
export function excess(policy: Policy, claims: readonly Claim[]): Fault[] {
  return claims.flatMap(({ of, value, path }) => {
    const { field, variable, allows } = RULES[of];
    const rules = policy[field];
    if (rules.some((rule) => rule === ANY || allows(rule, value))) return [];
    return [
      {
        path,
        message: `${goQuote(value)} is more than this worker's policy allows: ${field} ${allowed(rules)} (${variable}, or ${field} in the worker's policy file)`,
      },
    ];
  });
}

/**
 * A prefix ends at the end of a path segment, tag or digest, so `ghcr.io/nvidia` does not allow
 * `ghcr.io/nvidia-fake/x`.
 */
function beginsWith(prefix: string, image: string): boolean {
  if (!image.startsWith(prefix)) return false;
  return image.length === prefix.length || /[/:@]$/.test(prefix) || /^[/:@]/.test(image.slice(prefix.length));
}

const MAX_RULES_SHOWN = 10;

function allowed(rules: readonly string[]): string {
  if (rules.length === 0) return 'is empty';
  const more = rules.length > MAX_RULES_SHOWN ? ', …' : '';
  return `is ${rules.slice(0, MAX_RULES_SHOWN).join(', ')}${more}`;
}
