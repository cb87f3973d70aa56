import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { isDnsLabel } from '../aicr/job/names.ts';
import { type KubeConfigSource, kubeConfigSource } from '../cluster/credentials/kubeconfig.ts';
import { messageOf } from '../run/error-message.ts';

/** Slots of each of a cluster's queues. A waiting activity costs next to nothing, so `wait` is how many Jobs may run at once. */
export interface ClusterLimits {
  work: number;
  wait: number;
  cleanup: number;
}

/** A cluster that a worker is to serve, as its configuration says. */
export interface ClusterConfig {
  /** The name under which requests know it. */
  name: string;
  /** @default the standard rules: KUBECONFIG, then ~/.kube/config, then the pod's own ServiceAccount */
  kubeconfig?: string;
  /** @default the kubeconfig's current context at the worker's start */
  context?: string;
  /** The namespace of runs whose request names none. */
  namespace?: string;
  limits: ClusterLimits;
}

/** With its kubeconfig read, for `connect`. */
export interface ServedCluster extends ClusterConfig {
  source: KubeConfigSource;
}

export const DEFAULT_LIMITS: ClusterLimits = { work: 20, wait: 200, cleanup: 40 };
const MAX_SLOTS = 10_000;

/**
 * The clusters a worker serves, by its environment: those of the file in `PROCTOR_CLUSTERS_FILE`; without it the one of `PROCTOR_CLUSTER`
 * (its name, "local" by default) and `PROCTOR_CONTEXT`.
 * @throws Error with every fault that was found, one a line.
 */
export function clustersFromEnvironment(env: NodeJS.ProcessEnv): ServedCluster[] {
  const { PROCTOR_CLUSTERS_FILE: file, PROCTOR_CLUSTER: name, PROCTOR_CONTEXT: context } = env;
  if (file !== undefined && file !== '') {
    if (name !== undefined || context !== undefined) {
      throw new Error(
        'PROCTOR_CLUSTERS_FILE names the clusters: PROCTOR_CLUSTER and PROCTOR_CONTEXT must not be set beside it',
      );
    }
    return readClustersFile(file);
  }
  const single = { name: name ?? 'local', limits: DEFAULT_LIMITS, ...(context === undefined ? {} : { context }) };
  const faults = isDnsLabel(single.name) ? [] : [`PROCTOR_CLUSTER: ${notALabel(single.name)}`];
  return served('the environment', [single], faults);
}

/**
 * Reads a clusters file, YAML or JSON: below `clusters`, by name, each cluster's `kubeconfig` (a path, from the file's own folder), `context`,
 * `namespace` and `limits`, all of them optional.
 */
export function readClustersFile(file: string): ServedCluster[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`the clusters file ${file} cannot be read: ${messageOf(error)}`);
  }
  const { configs, faults } = parseClusters(text, dirname(resolve(file)));
  return served(`the clusters file ${file}`, configs, faults);
}

/** Reads each kubeconfig too, so that one start tells all that is wrong. */
function served(what: string, configs: ClusterConfig[], faults: string[]): ServedCluster[] {
  const clusters: ServedCluster[] = [];
  for (const config of configs) {
    try {
      clusters.push({ ...config, source: kubeConfigSource(config.name, config) });
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  if (faults.length === 0) return clusters;
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  throw new Error([`${what} has ${count}:`, ...faults.map((fault) => `  ${fault}`)].join('\n'));
}

export function parseClusters(text: string, folder: string): { configs: ClusterConfig[]; faults: string[] } {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) return { configs: [], faults: [`it is not YAML: ${broken.message.split('\n')[0]}`] };
  const faults: string[] = [];
  const root = record(document.toJS(), 'the file', ['clusters'], faults);
  const clusters = root?.clusters === undefined ? {} : record(root.clusters, 'clusters', undefined, faults);
  const configs = Object.entries(clusters ?? {}).map(([name, value]) => configOf(name, value, folder, faults));
  if (configs.length === 0 && faults.length === 0) faults.push('clusters: names no cluster');
  return { configs: faults.length === 0 ? configs : [], faults };
}

function configOf(name: string, value: unknown, folder: string, faults: string[]): ClusterConfig {
  const path = `clusters.${name}`;
  if (!isDnsLabel(name)) faults.push(`${path}: ${notALabel(name)}`);
  const given = record(value ?? {}, path, ['kubeconfig', 'context', 'namespace', 'limits'], faults) ?? {};
  const text = (key: string): string | undefined => {
    const found = given[key];
    if (found === undefined || (typeof found === 'string' && found !== '')) return found;
    faults.push(`${path}.${key}: must be a text, not ${show(found)}`);
    return undefined;
  };
  const kubeconfig = text('kubeconfig');
  const context = text('context');
  const namespace = text('namespace');
  if (namespace !== undefined && !isDnsLabel(namespace)) faults.push(`${path}.namespace: ${notALabel(namespace)}`);
  return {
    name,
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(folder, kubeconfig.replace(/^~(?=\/)/, homedir())) }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    limits: limitsOf(given.limits, `${path}.limits`, faults),
  };
}

function limitsOf(value: unknown, path: string, faults: string[]): ClusterLimits {
  const given = record(value ?? {}, path, Object.keys(DEFAULT_LIMITS), faults) ?? {};
  const limits = { ...DEFAULT_LIMITS };
  for (const key of Object.keys(DEFAULT_LIMITS) as (keyof ClusterLimits)[]) {
    const limit = given[key];
    if (limit === undefined) continue;
    if (Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MAX_SLOTS) limits[key] = Number(limit);
    else faults.push(`${path}.${key}: must be a whole number from 1 to ${MAX_SLOTS}, not ${show(limit)}`);
  }
  return limits;
}

/** @param fields the keys it may have; any when not given. */
function record(
  value: unknown,
  path: string,
  fields: string[] | undefined,
  faults: string[],
): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push(`${path}: must be a map, not ${show(value)}`);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (fields !== undefined && !fields.includes(key)) {
      faults.push(`${path}: ${key} is not a field; the fields are ${fields.join(', ')}`);
    }
  }
  return value as Record<string, unknown>;
}

function notALabel(name: string): string {
  return `must be a DNS label (lower-case letters, digits and hyphens), not ${show(name)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
