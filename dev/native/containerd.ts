// The containerd of one stack. It has its own root, socket and namespaces, beside any other containerd on the machine.
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Component } from '../components.ts';
import { findCommand, run } from '../exec.ts';
import { withLock } from '../lock.ts';
import type { Image } from '../oci-image.ts';
import { PAUSE_IMAGE } from '../stack-images.ts';
import type { Layout } from './layout.ts';

const OVERLAYFS = 0x794c7630;
const CRI_VERSION = '/runtime.v1.RuntimeService/Version';
/** A gRPC frame that is not compressed and has no content. */
const EMPTY_MESSAGE = Buffer.alloc(5);
const ANSWER_TIMEOUT_MS = 5_000;

export function writeContainerdConfig(layout: Layout, cniFolder: string): void {
  const cniConfig = join(layout.stateDir, 'cni');
  mkdirSync(cniConfig, { recursive: true });
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(cniConfig, '10-proctor.conflist'), JSON.stringify(cniConflist(layout), undefined, 2));
  writeFileSync(configPath(layout), containerdConfig(layout, cniFolder, cniConfig));
}

function configPath(layout: Layout): string {
  return join(layout.stateDir, 'containerd.toml');
}

function cniConflist(layout: Layout): unknown {
  const ipam = {
    type: 'host-local',
    dataDir: join(layout.stateDir, 'cni-ipam'),
    ranges: [[{ subnet: layout.podSubnet, gateway: layout.nodeIp }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const bridge = { type: 'bridge', bridge: layout.id, isGateway: true, ipMasq: false, hairpinMode: true, ipam };
  return { cniVersion: '0.4.0', name: layout.id, plugins: [bridge] };
}

function containerdConfig(layout: Layout, cniFolder: string, cniConfig: string): string {
  // overlayfs cannot be mounted on overlayfs, which is the file system inside a container.
  const snapshotter = statfsSync(layout.stateDir).type === OVERLAYFS ? 'native' : 'overlayfs';
  const quoted = (value: string): string => JSON.stringify(value);
  return `version = 2
root = ${quoted(join(layout.stateDir, 'containerd'))}
state = ${quoted(join(layout.runDir, 'containerd'))}
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = ${quoted(layout.containerdSocket)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(PAUSE_IMAGE)}
  # Otherwise every sandbox fails if CAP_SYS_RESOURCE is missing.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  max_concurrent_downloads = 4
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${quoted(cniFolder)}
    conf_dir = ${quoted(cniConfig)}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = ${quoted(snapshotter)}
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = ${quoted(join(layout.runDir, 'runc'))}
`;
}

export function containerdComponent(layout: Layout): Component {
  return {
    name: 'containerd',
    command: findCommand('containerd') ?? 'containerd',
    args: ['--config', configPath(layout)],
    cwd: layout.stateDir,
    log: layout.log('containerd'),
  };
}

function ctrArgs(layout: Layout, args: string[]): string[] {
  return ['--address', layout.containerdSocket, '--namespace', 'k8s.io', ...args];
}

/**
 * Whether containerd answers the kubelet's first call. A loaded CRI plugin is not enough: until the plugin has
 * recovered its state, it refuses every call (`server is not initialized yet`), and a kubelet that starts meanwhile
 * exits at once.
 */
export function isContainerdReady({ containerdSocket }: Layout): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect('http://localhost', { createConnection: () => createConnection(containerdSocket) });
    const finish = (status?: unknown): void => {
      session.destroy();
      resolve(status === '0');
    };
    session.setTimeout(ANSWER_TIMEOUT_MS, () => finish());
    session.once('error', () => finish());
    const call = session.request({
      ':method': 'POST',
      ':path': CRI_VERSION,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    // A refusal has no body, so its status is in the headers.
    call.on('response', (headers) => headers['grpc-status'] !== undefined && finish(headers['grpc-status']));
    call.on('trailers', (trailers) => finish(trailers['grpc-status']));
    call.once('error', () => finish());
    call.resume();
    call.end(EMPTY_MESSAGE);
  });
}

/** Imports an image unless containerd has it with the same digest. */
export async function importImage(layout: Layout, image: Image): Promise<'imported' | 'kept'> {
  return withLock(`${layout.id}-images`, async () => {
    const list = await run('ctr', ctrArgs(layout, ['images', 'ls', `name==${image.reference}`]));
    if (list.includes(image.digest)) return 'kept';
    const file = join(layout.runDir, 'image.tar');
    writeFileSync(file, image.tar);
    await run('ctr', ctrArgs(layout, ['images', 'import', file]));
    return 'imported';
  });
}
