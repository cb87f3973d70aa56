/**
 * What requests to a worker may ask for. Whoever may start a workflow may run any container with the validators' role, so it is the worker
 * that has a policy, and no request can exceed it (design.md, "Trust"). How it is read from a file and the environment is in `src/config/policy-file.ts`.
 */

import { DEFAULT_NAMESPACE } from '../../aicr/constants.ts';
import { goQuote } from '../../aicr/go/quote.ts';
import type { Fault } from '../fault.ts';
import { type Check, list, matches, record } from './shape.ts';

export interface Policy {
  /** The ClusterRoles that a run's ServiceAccount may be bound to; `*` is any. */
  clusterRoles: readonly string[];
  /** Beginnings of image references, whole path parts; `*` is any. */
  imagePrefixes: readonly string[];
  /** Namespaces that Jobs may run in and ConfigMaps may be read from; `*` is any. */
  namespaces: readonly string[];
  /** Folders that files named by requests must be in, whatever symbolic links lead there. */
  fileRoots: readonly string[];
}

export const ANY = '*';

/**
 * A worker without a policy of its own: no role, so nothing runs before an operator has said how mighty a validator may be; any image, since
 * an image can do what its role can; AICR's own namespace; and the examples as the only files.
 */
export const DEFAULT_POLICY: Policy = {
  clusterRoles: [],
  imagePrefixes: [ANY],
  namespaces: [DEFAULT_NAMESPACE],
  fileRoots: ['examples'],
};

const FIELDS: Record<keyof Policy, Check> = {
  clusterRoles: list(matches(/^[^\s/%,]{1,253}$/, `the name of a ClusterRole, or ${ANY}`)),
  imagePrefixes: list(matches(/^[^\s,]{1,255}$/, `the beginning of image references, or ${ANY}`)),
  namespaces: list(matches(/^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/, `a namespace, or ${ANY}`)),
  fileRoots: list(matches(/^[^\0,]{1,4096}$/, 'a folder')),
};

export const POLICY_FIELDS = Object.keys(FIELDS) as (keyof Policy)[];

/** Every fault of a policy document, all of whose fields may be left out. */
export function checkPolicy(document: unknown, path: string): Fault[] {
  return record(FIELDS)(document, path);
}

/** One thing that a request asks for, and the field it does so by. */
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

/** Each claim that the policy does not allow, as a fault that says what it does allow and how the operator changes it. */
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

/** A prefix ends where a part of the reference ends, so that `ghcr.io/nvidia` does not let `ghcr.io/nvidia-fake/x` in. */
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
