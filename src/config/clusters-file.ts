import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { isDnsLabel } from '../aicr/job/names.ts';
import { type KubeConfigSource, kubeConfigSource } from '../cluster/credentials/kubeconfig.ts';
import { messageOf } from '../run/error-message.ts';
import { type ClusterLimits, DEFAULT_LIMITS, readClusters } from './clusters-schema.ts';

/** The configuration of a cluster that a worker serves. */
export interface ClusterConfig {
  /** The name by which requests refer to the cluster. */
  name: string;
  /** @default the standard rules: KUBECONFIG, then ~/.kube/config, then the pod's own ServiceAccount */
  kubeconfig?: string;
  /** @default the kubeconfig's current context at the worker's start */
  context?: string;
  /** The namespace of runs whose request names none. */
  namespace?: string;
  limits: ClusterLimits;
}

/** A cluster with its kubeconfig read, for `connect`. */
export interface ServedCluster extends ClusterConfig {
  source: KubeConfigSource;
}

/**
 * The clusters that a worker serves: those of the file in `PROCTOR_CLUSTERS_FILE`. Without the file, one cluster with
 * the name in `PROCTOR_CLUSTER` ("local" by default) and the context in `PROCTOR_CONTEXT`.
 * @throws Error with every fault, one per line.
 */
export function clustersFromEnvironment(env: NodeJS.ProcessEnv): ServedCluster[] {
  const { PROCTOR_CLUSTERS_FILE: file, PROCTOR_CLUSTER: name, PROCTOR_CONTEXT: context } = env;
  if (file !== undefined && file !== '') {
    if (name !== undefined || context !== undefined) {
      throw new Error(
        'PROCTOR_CLUSTERS_FILE names the clusters: PROCTOR_CLUSTER and PROCTOR_CONTEXT must not be set as well',
      );
    }
    return readClustersFile(file);
  }
  const single = { name: name ?? 'local', limits: DEFAULT_LIMITS, ...(context === undefined ? {} : { context }) };
  const faults = isDnsLabel(single.name) ? [] : [`PROCTOR_CLUSTER: ${notALabel(single.name)}`];
  return withKubeconfigs('the environment', [single], faults);
}

/**
 * Reads a clusters file, YAML or JSON (`schema/clusters.json`), and each kubeconfig that it names.
 * @throws Error with every fault, one per line.
 */
export function readClustersFile(file: string): ServedCluster[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`the clusters file ${file} cannot be read: ${messageOf(error)}`);
  }
  const { configs, faults } = parseClusters(text, dirname(resolve(file)));
  return withKubeconfigs(`the clusters file ${file}`, configs, faults);
}

/** Adds the kubeconfig of each cluster. Reads all of them, so that one start reports all faults. */
function withKubeconfigs(what: string, configs: ClusterConfig[], faults: string[]): ServedCluster[] {
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

/**
 * The clusters in a clusters file's text.
 * @param folder the folder of the file, to which the kubeconfigs' paths are relative.
 */
export function parseClusters(text: string, folder: string): { configs: ClusterConfig[]; faults: string[] } {
  const document = parseDocument(text);
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) return { configs: [], faults: [`it is not valid YAML: ${syntaxError.message}`] };
  const read = readClusters(document.toJS());
  if ('faults' in read) return { configs: [], faults: read.faults.map(({ path, message }) => `${path}: ${message}`) };
  const configs = Object.entries(read.clusters).map(([name, given]) => configOf(name, given ?? {}, folder));
  return { configs, faults: [] };
}

type Given = Exclude<Exclude<ReturnType<typeof readClusters>, { faults: unknown }>['clusters'][string], null>;

function configOf(name: string, { kubeconfig, context, namespace, limits }: Given, folder: string): ClusterConfig {
  const given = Object.entries(limits ?? {}).filter(([, limit]) => limit !== undefined);
  return {
    name,
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(folder, kubeconfig.replace(/^~(?=\/)/, homedir())) }),
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    limits: { ...DEFAULT_LIMITS, ...Object.fromEntries(given) },
  };
}

function notALabel(text: string): string {
  return `must be a DNS label (lower-case letters, digits and hyphens), not ${JSON.stringify(text)}`;
}
