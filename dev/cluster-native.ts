// A one-node Kubernetes cluster of plain processes, without a container engine. Needs Linux and root.
import { mkdirSync } from 'node:fs';
import { hostPlatform, resolveBinaries } from './binaries.ts';
import { type Component, startAndWait, waitReady } from './components.ts';
import { DevError } from './errors.ts';
import { run } from './exec.ts';
import { containerdComponent, importImage, isContainerdReady, writeContainerdConfig } from './native/containerd.ts';
import {
  apiServerComponent,
  controllerManagerComponent,
  etcdComponent,
  hasDefaultServiceAccount,
  isApiServerReady,
  isControllerManagerReady,
  isEtcdReady,
  isKubeletHealthy,
  isNodeReady,
  isSchedulerReady,
  schedulerComponent,
  writeControlPlaneConfig,
} from './native/control-plane.ts';
import { kubeletComponent, writeKubeletConfig } from './native/kubelet.ts';
import { type Layout, layoutOf } from './native/layout.ts';
import { ensureNetwork } from './native/network.ts';
import { ensurePki } from './native/pki.ts';
import type { BinaryName } from './pinned-binaries.ts';
import { pauseImage, VALIDATORS_IMAGE, validatorsImage } from './stack-images.ts';
import type { StackState } from './state.ts';
import {
  canInstallPackages,
  findCniFolder,
  findStaticBusybox,
  installMissingPackages,
  missingPackages,
} from './system-packages.ts';
import type { Log, Stack } from './types.ts';

/** In the order in which they start. */
export const NATIVE_COMPONENTS = [
  'containerd',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
] as const;
export type NativeComponent = (typeof NATIVE_COMPONENTS)[number];

const BINARIES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kubectl',
] satisfies BinaryName[];

const READY_TIMEOUT_MS = 120_000;

/** Why this machine cannot run a native cluster; undefined if it can. */
export function whyNotNative(): string | undefined {
  if (process.platform !== 'linux') return 'a cluster of plain processes needs Linux';
  if (process.getuid?.() !== 0) return 'a cluster of plain processes needs root';
  const missing = missingPackages();
  if (missing.length > 0 && !canInstallPackages()) {
    return `packages are missing and there is no apt-get to install them: ${missing.join(', ')}`;
  }
  return undefined;
}

/** Starts the cluster, waits until pods can be created, and loads the images into containerd. */
export async function nativeUp(stateDir: string, state: StackState, log: Log): Promise<Stack['cluster']> {
  const why = whyNotNative();
  if (why) throw new DevError(`${why}. Start a Docker engine, or name a cluster with --context.`);
  const layout = layoutOf(stateDir, state);
  await installMissingPackages(log);
  const binaries = await resolveBinaries(BINARIES, { log });
  const cniFolder = findCniFolder();
  if (!cniFolder) throw new DevError('the CNI plugins bridge, host-local and loopback are missing');
  mkdirSync(stateDir, { recursive: true });
  await ensureNetwork(layout);
  await ensurePki(layout);
  writeContainerdConfig(layout, cniFolder);
  writeControlPlaneConfig(layout);
  writeKubeletConfig(layout);

  const begin = (component: Component): Promise<void> =>
    startAndWait(stateDir, component, () => isReady(layout, component.name), { timeoutMs: READY_TIMEOUT_MS, log });
  const runtime = begin(containerdComponent(layout)).then(() => loadImages(layout, log));
  const controlPlane = (async () => {
    await begin(etcdComponent(layout, binaries.etcd.path));
    await begin(apiServerComponent(layout, binaries['kube-apiserver'].path));
    await Promise.all([
      begin(controllerManagerComponent(layout, binaries['kube-controller-manager'].path)),
      begin(schedulerComponent(layout, binaries['kube-scheduler'].path)),
    ]);
  })();
  await allSettled(runtime, controlPlane);
  await begin(kubeletComponent(layout, binaries.kubelet.path));
  await waitReady(stateDir, 'kubelet', () => isNodeReady(layout), READY_TIMEOUT_MS);
  await waitReady(stateDir, 'kube-controller-manager', () => hasDefaultServiceAccount(layout), READY_TIMEOUT_MS);
  return {
    kind: 'native',
    kubeconfig: layout.kubeconfig,
    context: layout.context,
    kubectl: binaries.kubectl.path,
    auditLog: layout.auditLog,
  };
}

/** Waits for all, even if one fails, so that no start continues after the error has been thrown. */
async function allSettled(...work: Array<Promise<unknown>>): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) if (outcome.status === 'rejected') throw outcome.reason;
}

const READINESS: Record<NativeComponent, (layout: Layout) => Promise<boolean>> = {
  containerd: isContainerdReady,
  etcd: isEtcdReady,
  'kube-apiserver': isApiServerReady,
  'kube-controller-manager': isControllerManagerReady,
  'kube-scheduler': isSchedulerReady,
  kubelet: isKubeletHealthy,
};

export function isNativeComponent(name: string): name is NativeComponent {
  return NATIVE_COMPONENTS.some((component) => component === name);
}

async function isReady(layout: Layout, name: string): Promise<boolean> {
  return isNativeComponent(name) && READINESS[name](layout);
}

export async function waitForNative(stateDir: string, state: StackState, name: NativeComponent): Promise<void> {
  await waitReady(stateDir, name, () => isReady(layoutOf(stateDir, state), name), READY_TIMEOUT_MS);
}

async function loadImages(layout: Layout, log: Log): Promise<void> {
  const busybox = findStaticBusybox();
  if (!busybox) throw new DevError('a static busybox is missing: install the package busybox-static');
  const { kubectl } = await resolveBinaries(['kubectl'], { log: () => undefined, usePath: false });
  const { arch: architecture } = hostPlatform();
  const applets = (await run(busybox, ['--list'])).split('\n').filter(Boolean);
  await importImage(layout, pauseImage({ architecture, busybox, applets }));
  const outcome = await importImage(layout, validatorsImage({ architecture, busybox, applets, kubectl: kubectl.path }));
  log(`✓ image ${VALIDATORS_IMAGE} ${outcome === 'kept' ? 'is already loaded' : 'built and loaded'}`);
}
