import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { messageOf } from '../run/error-message.ts';
import type { Fault } from '../run/fault.ts';
import { describeFaults } from '../run/plan/invalid-request.ts';
import { DEFAULT_POLICY, POLICY_FIELDS } from '../run/plan/policy.ts';
import { checkPolicy, type Policy } from '../run/plan/policy-schema.ts';

type Environment = Record<string, string | undefined>;

/** The environment variable of each field: a comma-separated list, which replaces the file's field. */
const VARIABLES: Record<keyof Policy, string> = {
  clusterRoles: 'PROCTOR_ALLOW_CLUSTER_ROLES',
  imagePrefixes: 'PROCTOR_ALLOW_IMAGE_PREFIXES',
  namespaces: 'PROCTOR_ALLOW_NAMESPACES',
  fileRoots: 'PROCTOR_ALLOW_FILE_ROOTS',
};

/**
 * The worker's policy: each field from the environment, else from the file that `PROCTOR_POLICY_FILE` names (YAML or
 * JSON), else the default. Folders are relative to the working directory and returned with symbolic links resolved.
 * @throws Error with every fault in one message, so that no worker starts with an unintended policy.
 */
export function loadPolicy(env: Environment): Policy {
  const file = env.PROCTOR_POLICY_FILE;
  const faults: Fault[] = [];
  const fromFile = file === undefined || file === '' ? {} : readPolicy(file, faults);
  const fromEnv = readVariables(env, faults);
  const given = { ...fromFile, ...fromEnv };
  const fileRoots =
    given.fileRoots === undefined
      ? DEFAULT_POLICY.fileRoots.flatMap((folder) => realFolder(folder) ?? [])
      : given.fileRoots.flatMap((folder) => {
          const real = realFolder(folder);
          if (real === undefined) faults.push({ path: 'fileRoots', message: `${resolve(folder)} is not a folder` });
          return real ?? [];
        });
  if (faults.length > 0) throw new Error(describeFaults('the policy', faults));
  return { ...DEFAULT_POLICY, ...given, fileRoots };
}

/** A log line for the worker's start: what its policy allows. */
export function policyLine(policy: Policy): string {
  const fields = POLICY_FIELDS.map((field) => `${field} ${policy[field].join(', ') || 'none'}`).join('; ');
  const advice =
    policy.clusterRoles.length === 0
      ? ` (every run is refused: set ${VARIABLES.clusterRoles} or PROCTOR_POLICY_FILE)`
      : '';
  return `policy: ${fields}${advice}`;
}

function readPolicy(file: string, faults: Fault[]): Partial<Policy> {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    faults.push({
      path: `PROCTOR_POLICY_FILE ${file}`,
      message: messageOf(error),
    });
    return {};
  }
  const found = checkPolicy(document, file);
  faults.push(...found);
  if (found.length > 0) return {};
  const { $schema: _, ...policy } = document as Partial<Policy> & { $schema?: string };
  return policy;
}

function readVariables(env: Environment, faults: Fault[]): Partial<Policy> {
  const given: Partial<Record<keyof Policy, string[]>> = {};
  for (const field of POLICY_FIELDS) {
    const text = env[VARIABLES[field]];
    if (text === undefined) continue;
    // An empty variable allows nothing; it does not mean the default.
    given[field] = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const found = checkPolicy({ [field]: given[field] }, '');
    faults.push(...found.map(({ path, message }) => ({ path: path.replace(`.${field}`, VARIABLES[field]), message })));
  }
  return given;
}

function realFolder(folder: string): string | undefined {
  try {
    const real = realpathSync(folder);
    return statSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}
