// Removes a native cluster (processes, containers, mounts, network, cgroups, files) and finds what is left of it.
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopRunning } from '../components.ts';
import { removeTree } from '../files.ts';
import { inspectProcess, markedProcesses, stopProcess } from '../os-process.ts';
import { becomesTrue } from '../poll.ts';
import { cgroupRemains, killPods, removeCgroups } from './cgroups.ts';
import { podLogsDir } from './kubelet.ts';
import type { Layout } from './layout.ts';
import { mountsUnder, unmountAll } from './mounts.ts';
import { networkRemains, removeNetwork } from './network.ts';

const REMOVAL_TIMEOUT_MS = 10_000;

export async function removeNative(layout: Layout): Promise<void> {
  const { stateDir } = layout;
  // The kubelet stops first, because it would start the pods again.
  await stopRunning(stateDir, 'kubelet');
  const shimSockets = findShimSockets(layout);
  await killPods(layout.id, REMOVAL_TIMEOUT_MS);
  await Promise.all(
    ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd', 'containerd'].map((name) =>
      stopRunning(stateDir, name),
    ),
  );
  await stopMarked(layout);
  await unmountAll([stateDir, layout.runDir]);
  await removeNetwork(layout);
  await removeCgroups(layout.id, REMOVAL_TIMEOUT_MS);
  removeFiles(layout, shimSockets);
}

/** Kills processes with the stack's mark: containerd's shims, and those that a killed start did not record. */
async function stopMarked({ stateDir }: Layout): Promise<void> {
  await Promise.all(
    markedProcesses(`${stateDir}#`)
      .filter((pid) => pid !== process.pid && !isTemporal(pid, stateDir))
      .map(async (pid) => {
        const found = await inspectProcess(pid);
        if (found) await stopProcess({ pid, startTime: found.startTime }, 'SIGKILL');
      }),
  );
}

function isTemporal(pid: number, stateDir: string): boolean {
  return markedProcesses(`${stateDir}#temporal`).includes(pid);
}

/** containerd's shims listen in a folder that all containerds share. Each task's folder names its shim's socket. */
function findShimSockets(layout: Layout): string[] {
  const tasks = join(layout.runDir, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io');
  return list(tasks).flatMap((task) => {
    try {
      const address = readFileSync(join(tasks, task, 'address'), 'utf8').trim();
      return [address.replace(/^unix:\/\//, '')];
    } catch {
      return [];
    }
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function removeFiles(layout: Layout, shimSockets: string[]): void {
  for (const socket of shimSockets) rmSync(socket, { force: true });
  removeIfEmpty('/run/containerd/s', '/run/containerd');
  removePodLogLinks(layout);
  // All kubelets of a machine share these folders, so only the last one removes them.
  if (!isAnyKubeletRunning()) removeKubeletFolders();
  removeTree(layout.runDir);
  for (const name of CLUSTER_FILES) removeTree(join(layout.stateDir, name));
}

const CLUSTER_FILES = [
  ...['audit-policy.yaml', 'certificates', 'cni', 'cni-ipam', 'containerd', 'containerd.toml', 'etcd', 'kubeconfig'],
  ...['kubelet', 'kubelet.yaml', 'pki', 'pki.new', 'pod-logs'],
];

function removeIfEmpty(...folders: string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else uses the folder, or it is missing.
    }
  }
}

const POD_LOG_LINKS = '/var/log/containers';

/** The kubelet creates links to every container's log in this folder, wherever the logs are. */
function removePodLogLinks(layout: Layout): void {
  for (const name of list(POD_LOG_LINKS)) {
    const link = join(POD_LOG_LINKS, name);
    if (targetOf(link).startsWith(`${podLogsDir(layout)}/`)) rmSync(link);
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

const DEVICE_PLUGINS = '/var/lib/kubelet/device-plugins';
const DEVICE_PLUGIN_FILES = ['DEPRECATION', 'kubelet.sock', 'kubelet_internal_checkpoint'];

function removeKubeletFolders(): void {
  removeIfEmpty(POD_LOG_LINKS);
  // If the folder has any other content, it belongs to a kubelet that is installed on this machine.
  if (list('/var/lib/kubelet').some((name) => name !== 'device-plugins')) return;
  for (const name of DEVICE_PLUGIN_FILES) rmSync(join(DEVICE_PLUGINS, name), { force: true });
  removeIfEmpty(DEVICE_PLUGINS, '/var/lib/kubelet');
}

function isAnyKubeletRunning(): boolean {
  return list('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('kubelet');
    } catch {
      return false;
    }
  });
}

/** What is left of the cluster on this machine, for a person to read. */
export async function nativeRemains(layout: Layout): Promise<string[]> {
  // The kernel removes a pod's network interfaces a moment after its network namespace.
  await becomesTrue(async () => (await networkRemains(layout)).length === 0, 3_000);
  return [
    ...markedProcesses(`${layout.stateDir}#`).map((pid) => `process ${pid}`),
    ...mountsUnder([layout.stateDir, layout.runDir]).map((path) => `mount ${path}`),
    ...(await networkRemains(layout)),
    ...cgroupRemains(layout.id).map((path) => `cgroup ${path}`),
  ];
}
