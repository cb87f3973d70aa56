/** The schema of a worker's policy file. The type, the error messages and `schema/policy.json` are derived from it. */
import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { faultsOf } from '../schema/faults.ts';
import { document, matching } from '../schema/field-kinds.ts';

function listOf(pattern: RegExp, what: string, description: string, byDefault: string) {
  return z.array(matching(pattern, what)).optional().meta({ description, byDefault });
}

export const policySchema = document({
  clusterRoles: listOf(
    /^[^\s/%,]{1,253}$/,
    'the name of a ClusterRole, or *',
    "The ClusterRoles that a run's ServiceAccount may be bound to; `*` is any",
    'none, so no run is accepted',
  ),
  imagePrefixes: listOf(
    /^[^\s,]{1,255}$/,
    'a prefix of image references, or *',
    "Prefixes of the validators' images, compared by whole path segments; `*` is any",
    '`*`',
  ),
  namespaces: listOf(
    /^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)$/,
    'a namespace, or *',
    'Namespaces that Jobs may run in and ConfigMaps may be read from; `*` is any',
    '`aicr-validation`',
  ),
  fileRoots: listOf(
    /^[^\0,]{1,4096}$/,
    'a folder',
    'Folders that files named by requests must be in, after symbolic links are resolved',
    '`examples`',
  ),
});

type PolicyDocument = Omit<z.infer<typeof policySchema>, '$schema'>;

/** What requests to a worker may ask for. */
export type Policy = { readonly [F in keyof PolicyDocument]-?: readonly string[] };

/** Every fault of a policy document, all of whose fields are optional. */
export function checkPolicy(policy: unknown, path: string): Fault[] {
  return faultsOf(policySchema, policy, path);
}
