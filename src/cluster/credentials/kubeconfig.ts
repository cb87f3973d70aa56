import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import { ClusterError } from '../cluster-error.ts';

/** Returns a cluster's kubeconfig: the same object until it changes. It is called every few seconds. */
export type KubeConfigSource = () => KubeConfig;

export interface KubeConfigChoice {
  /** A kubeconfig file. @default KUBECONFIG, then ~/.kube/config, then the pod's own ServiceAccount */
  kubeconfig?: string | undefined;
  /** @default the current context when the worker starts; a later `kubectl config use-context` has no effect */
  context?: string | undefined;
}

/**
 * Reads a kubeconfig, and reads it again after its files have changed: certificates are rotated by rewriting the file.
 * @throws ClusterError (`configuration`) if there is none, or it does not contain the context.
 */
export function kubeConfigSource(cluster: string, choice: KubeConfigChoice = {}): KubeConfigSource {
  let version = versionOf(filesOf(choice));
  let held = load(cluster, choice, undefined);
  const context = held.getCurrentContext();
  return () => {
    const now = versionOf(filesOf(choice));
    if (now === version) return held;
    try {
      held = load(cluster, choice, context);
      version = now;
    } catch {
      // The file is being rewritten. The old kubeconfig is used until the new one can be read.
    }
    return held;
  };
}

function load(cluster: string, { kubeconfig, context }: KubeConfigChoice, pinned: string | undefined): KubeConfig {
  const fail = (detail: string) =>
    new ClusterError('configuration', cluster, { verb: 'read', resource: 'the kubeconfig' }, detail);
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw fail(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  const wanted = pinned ?? context;
  if (wanted !== undefined) {
    if (config.getContextObject(wanted) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw fail(`it has no context ${wanted}; it has ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(wanted);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw fail('it has no current context, or its current context names no cluster');
  // client-node returns this server if it finds no kubeconfig.
  if (server === 'http://localhost:8080' && filesOf({ kubeconfig }).length === 0) {
    throw fail('there is none: neither KUBECONFIG, nor ~/.kube/config, nor a ServiceAccount of a pod');
  }
  addTokenFiles(config, filesOf({ kubeconfig }));
  return config;
}

function filesOf({ kubeconfig }: KubeConfigChoice): string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = process.env.KUBECONFIG?.split(delimiter).filter((file) => file !== '') ?? [];
  return listed.length > 0 ? listed : [join(homedir(), '.kube', 'config')].filter((file) => existsSync(file));
}

function versionOf(files: string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    })
    .join();
}

/** Rewrites a user's `tokenFile`, which client-node ignores, into the form from which client-node reads token files. */
function addTokenFiles(config: KubeConfig, files: string[]): void {
  for (const file of files) {
    for (const { name, user } of usersOf(file)) {
      if (user?.tokenFile === undefined) continue;
      const tokenFile = resolve(dirname(file), user.tokenFile);
      Object.assign(config.getUser(name) ?? {}, { authProvider: { name: 'tokenFile', config: { tokenFile } } });
    }
  }
}

function usersOf(file: string): { name: string; user?: { tokenFile?: string } }[] {
  // client-node has parsed the file already. An error of this parser would quote lines with secrets.
  const content: unknown = parseDocument(readFileSync(file, 'utf8')).toJS();
  const { users } = (content ?? {}) as { users?: unknown };
  return Array.isArray(users) ? users : [];
}
