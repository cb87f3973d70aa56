// A cluster of k3s in one container, on a machine with a Docker engine.
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { resolveBinaries } from './binaries.ts';
import { DevError } from './errors.ts';
import { indent, lastLines, run, tryRun } from './exec.ts';
import { writeAtomically } from './files.ts';
import { contextName } from './native/layout.ts';
import { becomesTrue } from './poll.ts';
import { VALIDATORS_IMAGE, validatorsImage } from './stack-images.ts';
import type { StackState } from './state.ts';
import type { Log, Stack } from './types.ts';

export const K3S_IMAGE = 'rancher/k3s:v1.34.4-k3s1';
/** Only its static busybox is used, for the validators' image. */
const BUSYBOX_IMAGE = 'busybox:1.37.0-musl';
const READY_TIMEOUT_MS = 180_000;

export async function isDockerRunning(): Promise<boolean> {
  return (await tryRun('docker', ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 10_000 })).code === 0;
}

export function containerName(name: string): string {
  return `${contextName(name)}-k3s`;
}

export function runArguments({ name, ports }: Pick<StackState, 'name' | 'ports'>): string[] {
  return [
    ...['run', '--detach', '--name', containerName(name), '--hostname', containerName(name)],
    ...['--label', `proctor.stack=${name}`],
    ...['--privileged', '--tmpfs', '/run', '--tmpfs', '/var/run'],
    ...['--publish', `127.0.0.1:${ports.apiServer}:6443`],
    ...[K3S_IMAGE, 'server', '--tls-san', '127.0.0.1'],
    ...['--disable', 'traefik', '--disable', 'metrics-server', '--disable', 'servicelb'],
  ];
}

/** Starts k3s, waits until pods can be created, and loads the validators' image into it. */
export async function dockerUp(stateDir: string, state: StackState, log: Log): Promise<Stack['cluster']> {
  const container = containerName(state.name);
  await ensureContainer(state, log);
  const kubeconfig = join(stateDir, 'kubeconfig');
  await waitUntil(container, async () => {
    const { code, stdout } = await tryRun('docker', ['exec', container, 'cat', '/etc/rancher/k3s/k3s.yaml']);
    if (code === 0) writeAtomically(kubeconfig, rewriteKubeconfig(stdout, state), 0o600);
    return code === 0;
  });
  const { kubectl } = await resolveBinaries(['kubectl'], { log });
  const kubectlGet = (...args: string[]): Promise<{ code: number; stdout: string }> =>
    tryRun(kubectl.path, ['--kubeconfig', kubeconfig, 'get', ...args], { timeoutMs: 10_000 });
  await waitUntil(container, async () => / Ready /.test((await kubectlGet('nodes', '--no-headers')).stdout));
  await waitUntil(container, async () => (await kubectlGet('serviceaccount', 'default')).code === 0);
  log(`✓ k3s in container ${container}`);
  await loadImage(stateDir, container, log);
  return { kind: 'docker', kubeconfig, context: contextName(state.name), kubectl: kubectl.path };
}

async function ensureContainer(state: StackState, log: Log): Promise<void> {
  const container = containerName(state.name);
  const { code, stdout } = await tryRun('docker', ['inspect', '--format', '{{.State.Running}}', container]);
  if (code === 0 && stdout.trim() === 'true') return;
  if (code === 0) {
    await run('docker', ['start', container]);
    return;
  }
  log(`  starting ${K3S_IMAGE}; Docker pulls it the first time`);
  await run('docker', runArguments(state));
}

async function waitUntil(container: string, condition: () => Promise<boolean>): Promise<void> {
  if (await becomesTrue(condition, READY_TIMEOUT_MS, 500)) return;
  const logs = await tryRun('docker', ['logs', '--tail', '20', container]);
  throw new DevError(
    `k3s was not ready after ${READY_TIMEOUT_MS / 1000} s. The end of "docker logs ${container}":\n` +
      indent(lastLines(`${logs.stdout}\n${logs.stderr}`, 20)),
  );
}

interface KubeconfigFile {
  'current-context': string;
  clusters: Array<{ name: string; cluster: { server: string } }>;
  contexts: Array<{ name: string; context: { cluster: string; user: string } }>;
  users: Array<{ name: string }>;
}

/**
 * Gives k3s's kubeconfig the stack's name and port. k3s names everything `default` and uses the port in the container.
 */
export function rewriteKubeconfig(text: string, { name, ports }: Pick<StackState, 'name' | 'ports'>): string {
  const config = parse(text) as KubeconfigFile;
  const context = contextName(name);
  return stringify({
    ...config,
    'current-context': context,
    clusters: config.clusters.map(({ cluster }) => ({
      name: context,
      cluster: { ...cluster, server: `https://127.0.0.1:${ports.apiServer}` },
    })),
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    users: config.users.map((user) => ({ ...user, name: context })),
  });
}

async function loadImage(stateDir: string, container: string, log: Log): Promise<void> {
  const arch = (await run('docker', ['version', '--format', '{{.Server.Arch}}'])).trim();
  const architecture = arch === 'arm64' ? 'arm64' : 'amd64';
  const busybox = join(stateDir, 'busybox');
  const applets = (await run('docker', ['run', '--rm', BUSYBOX_IMAGE, 'busybox', '--list']))
    .split('\n')
    .filter(Boolean);
  const source = (await run('docker', ['create', BUSYBOX_IMAGE])).trim();
  try {
    await run('docker', ['cp', '--follow-link', `${source}:/bin/busybox`, busybox]);
  } finally {
    await tryRun('docker', ['rm', source]);
  }
  const platform = { os: 'linux', arch: architecture } as const;
  const { kubectl } = await resolveBinaries(['kubectl'], { log, platform, usePath: false });
  const image = validatorsImage({ architecture, busybox, applets, kubectl: kubectl.path });
  const ctr = ['ctr', '--namespace', 'k8s.io', 'images'];
  const list = await run('docker', ['exec', container, ...ctr, 'ls', `name==${image.reference}`]);
  if (!list.includes(image.digest)) {
    await run('docker', ['exec', '--interactive', container, ...ctr, 'import', '-'], { input: image.tar });
  }
  log(`✓ image ${VALIDATORS_IMAGE}`);
}

export async function dockerState(name: string): Promise<'running' | 'paused' | 'stopped'> {
  const { stdout } = await tryRun('docker', ['inspect', '--format', '{{.State.Status}}', containerName(name)]);
  const state = stdout.trim();
  return state === 'running' || state === 'paused' ? state : 'stopped';
}

/** @returns what could not be removed. */
export async function removeDocker(name: string): Promise<string[]> {
  const container = containerName(name);
  const { code, stderr } = await tryRun('docker', ['rm', '--force', '--volumes', container]);
  return code === 0 || /no such container/i.test(stderr) ? [] : [`container ${container}: ${stderr.trim()}`];
}
