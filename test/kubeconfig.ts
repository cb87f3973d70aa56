import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

interface KubeconfigFile {
  clusters: { cluster: { server: string } }[];
  users: { user: Record<string, string> }[];
}

/** Copies a kubeconfig with another server or another user's token in it. @returns the path of the copy. */
export function copyKubeconfig(
  from: string,
  to: string,
  { server, token }: { server?: string; token?: string },
): string {
  const config = read(from);
  if (server !== undefined) for (const each of config.clusters) each.cluster.server = server;
  if (token !== undefined) for (const each of config.users) each.user = { token };
  writeFileSync(to, stringify(config), { mode: 0o600 });
  return to;
}

/** The address of the API server that a kubeconfig names first. */
export function apiServerOf(kubeconfig: string): URL {
  return new URL(read(kubeconfig).clusters[0]?.cluster.server ?? '');
}

function read(file: string): KubeconfigFile {
  return parse(readFileSync(file, 'utf8')) as KubeconfigFile;
}
