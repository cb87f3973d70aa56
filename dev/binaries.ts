// Where each binary comes from: environment variable → PATH → cache → official download → build from Go modules.

import { mkdirSync, realpathSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/run/error-message.ts';
import { type Download, download } from './download.ts';
import { DevError } from './errors.ts';
import { findOnPath, indent, isExecutable, tryRun } from './exec.ts';
import { type GoBuild, goBuild } from './go-build.ts';
import { withLock } from './lock.ts';
import type { Log } from './types.ts';

const ETCD = '3.6.16';
const KUBERNETES = '1.34.4';
// The newest that builds as a module: later ones replace one of their own modules by a local folder.
const TEMPORAL_CLI = '1.5.1';
/** The production server, for benchmarks: the version that is inside the CLI. */
const TEMPORAL_SERVER = '1.29.1';
const KWOK = '0.7.0';

export interface Platform {
  os: 'linux' | 'darwin';
  arch: 'amd64' | 'arm64';
}

interface Binary {
  version: string;
  /** How to ask a binary for its version, and whether the answer fits. A binary on PATH counts only when it does. */
  versionArgs: string[];
  fits(said: string): boolean;
  download(platform: Platform): Download;
  build: GoBuild;
}

const etcdBuild: GoBuild = {
  group: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: `v${ETCD}`,
  packages: { etcd: 'go.etcd.io/etcd/server/v3' },
};

const temporalBuild: GoBuild = {
  group: 'temporal',
  module: 'github.com/temporalio/cli',
  version: `v${TEMPORAL_CLI}`,
  linkVariables: { 'github.com/temporalio/cli/temporalcli.Version': TEMPORAL_CLI },
  packages: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
};

const temporalServerBuild: GoBuild = {
  group: 'temporal-server',
  module: 'go.temporal.io/server',
  version: `v${TEMPORAL_SERVER}`,
  packages: {
    'temporal-server': 'go.temporal.io/server/cmd/server',
    'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  },
};

const kwokBuild: GoBuild = {
  group: 'kwok',
  module: 'sigs.k8s.io/kwok',
  version: `v${KWOK}`,
  linkVariables: { 'sigs.k8s.io/kwok/pkg/consts.Version': `v${KWOK}` },
  packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
};

const versionPackage = 'k8s.io/component-base/version';
const kubernetesBuild: GoBuild = {
  group: 'kubernetes',
  module: 'k8s.io/kubernetes',
  version: `v${KUBERNETES}`,
  // Its staging modules are local folders that a module zip does not hold: each gets the version published with the release.
  stagingVersion: `v0.${KUBERNETES.slice(2)}`,
  godebug: 'go1.24',
  linkVariables: {
    [`${versionPackage}.gitVersion`]: `v${KUBERNETES}`,
    [`${versionPackage}.gitMajor`]: '1',
    [`${versionPackage}.gitMinor`]: '34',
    [`${versionPackage}.gitTreeState`]: 'clean',
    [`${versionPackage}.gitCommit`]: 'module',
    [`${versionPackage}.buildDate`]: '2026-01-01T00:00:00Z',
  },
  packages: {
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
};

function kubernetesBinary(name: string, versionArgs: string[], fits: RegExp): Binary {
  return {
    version: KUBERNETES,
    versionArgs,
    fits: (said) => fits.test(said),
    download: ({ os, arch }) => {
      const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/${os}/${arch}/${name}`;
      return { url, checksums: `${url}.sha256` };
    },
    build: kubernetesBuild,
  };
}

function temporalServerBinary(name: string): Binary {
  return {
    version: TEMPORAL_SERVER,
    versionArgs: ['--version'],
    // Server and schema belong together.
    fits: (said) => said.includes(TEMPORAL_SERVER),
    download: ({ os, arch }) => {
      const release = `https://github.com/temporalio/temporal/releases/download/v${TEMPORAL_SERVER}`;
      const url = `${release}/temporal_${TEMPORAL_SERVER}_${os}_${arch}.tar.gz`;
      return { url, checksums: `${release}/checksums.txt`, member: name };
    },
    build: temporalServerBuild,
  };
}

/** The parts of one cluster have to be of one minor version; kubectl may be one off. */
const sameMinor = /^Kubernetes v1\.34\./;

const BINARIES = {
  temporal: {
    version: TEMPORAL_CLI,
    versionArgs: ['--version'],
    fits: (said) => Number(/Server 1\.(\d+)\./.exec(said)?.[1] ?? 0) >= 29,
    download: ({ os, arch }) => {
      const release = `https://github.com/temporalio/cli/releases/download/v${TEMPORAL_CLI}`;
      const url = `${release}/temporal_cli_${TEMPORAL_CLI}_${os}_${arch}.tar.gz`;
      return { url, checksums: `${release}/checksums.txt`, member: 'temporal' };
    },
    build: temporalBuild,
  },
  etcd: {
    version: ETCD,
    versionArgs: ['--version'],
    // 3.4, as in Debian 12, lacks what the watch of Kubernetes 1.34 needs.
    fits: (said) => /^etcd Version: 3\.6\./.test(said),
    download: ({ os, arch }) => {
      const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;
      const folder = `etcd-v${ETCD}-${os}-${arch}`;
      return { url: `${release}/${folder}.tar.gz`, checksums: `${release}/SHA256SUMS`, member: `${folder}/etcd` };
    },
    build: etcdBuild,
  },
  'kube-apiserver': kubernetesBinary('kube-apiserver', ['--version'], sameMinor),
  'kube-controller-manager': kubernetesBinary('kube-controller-manager', ['--version'], sameMinor),
  'kube-scheduler': kubernetesBinary('kube-scheduler', ['--version'], sameMinor),
  kubelet: kubernetesBinary('kubelet', ['--version'], sameMinor),
  kubectl: kubernetesBinary('kubectl', ['version', '--client'], /^Client Version: v1\.3[345]\./),
  'temporal-server': temporalServerBinary('temporal-server'),
  'temporal-sql-tool': temporalServerBinary('temporal-sql-tool'),
  kwok: {
    version: KWOK,
    versionArgs: ['--version'],
    fits: (said) => /\bv0\.7\./.test(said),
    download: ({ os, arch }) => {
      const url = `https://github.com/kubernetes-sigs/kwok/releases/download/v${KWOK}/kwok-${os}-${arch}`;
      return { url, checksums: `${url}.sha256` };
    },
    build: kwokBuild,
  },
} satisfies Record<string, Binary>;

export type BinaryName = keyof typeof BINARIES;

export interface Resolved {
  path: string;
  version: string;
  source: string;
}

export interface ResolveOptions {
  log: Log;
  platform?: Platform;
  /** Off for what goes into an image: the pinned, static binary, whatever this machine has. */
  usePath?: boolean;
  env?: NodeJS.ProcessEnv;
  /** The two ways to make a missing binary; tests replace them. */
  fetch?: typeof download;
  build?: typeof goBuild;
}

export function hostPlatform(): Platform {
  return { os: platform() === 'darwin' ? 'darwin' : 'linux', arch: arch() === 'arm64' ? 'arm64' : 'amd64' };
}

function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'proctor');
}

/** `kube-apiserver` → `PROCTOR_KUBE_APISERVER_BIN` */
export function environmentVariable(name: BinaryName): string {
  return `PROCTOR_${name.toUpperCase().replaceAll('-', '_')}_BIN`;
}

function cachePath(name: BinaryName, options: ResolveOptions): string {
  const { os, arch } = options.platform ?? hostPlatform();
  const host = hostPlatform();
  const suffix = os === host.os && arch === host.arch ? '' : `-${os}-${arch}`;
  return join(cacheDir(options.env), 'bin', `${name}-${BINARIES[name].version}${suffix}`);
}

/** Resolves all binaries asked for; those that have to be built from one module are built together. */
export async function resolveBinaries<N extends BinaryName>(
  names: N[],
  options: ResolveOptions,
): Promise<Record<N, Resolved>> {
  const found = new Map<BinaryName, Resolved>();
  const missing: N[] = [];
  for (const name of names) {
    const resolved = await findInstalled(name, options);
    if (resolved) found.set(name, resolved);
    else missing.push(name);
  }
  const toBuild: N[] = [];
  const whyNot: string[] = [];
  for (const name of missing) {
    const resolved = await tryDownload(name, options, whyNot);
    if (resolved) found.set(name, resolved);
    else toBuild.push(name);
  }
  if (whyNot.length > 0) options.log(`  no download: ${[...new Set(whyNot)].join('; ')}`);
  for (const group of Map.groupBy(toBuild, (name) => BINARIES[name].build).values()) {
    await buildGroup(group, options);
    for (const name of group) {
      found.set(name, { path: cachePath(name, options), version: BINARIES[name].version, source: 'built' });
    }
  }
  for (const [name, { version, source }] of found) options.log(`✓ ${name} ${version} (${source})`);
  return Object.fromEntries(found) as Record<N, Resolved>;
}

async function findInstalled(name: BinaryName, options: ResolveOptions): Promise<Resolved | undefined> {
  const env = options.env ?? process.env;
  const variable = environmentVariable(name);
  const given = env[variable];
  if (given) {
    if (!isExecutable(given)) throw new DevError(`${variable} names ${given}, which is no executable file`);
    return { path: realpathSync(given), version: await versionOf(name, given), source: variable };
  }
  if (options.usePath !== false) {
    const onPath = findOnPath(name, env.PATH);
    if (onPath && (await fitsHere(name, onPath))) {
      return { path: realpathSync(onPath), version: await versionOf(name, onPath), source: onPath };
    }
  }
  const cached = cachePath(name, options);
  if (isExecutable(cached)) return { path: cached, version: BINARIES[name].version, source: 'cache' };
  return undefined;
}

async function ask(name: BinaryName, path: string): Promise<string> {
  const { stdout, stderr } = await tryRun(path, BINARIES[name].versionArgs, { timeoutMs: 20_000 });
  return stdout || stderr;
}

async function fitsHere(name: BinaryName, path: string): Promise<boolean> {
  return BINARIES[name].fits(await ask(name, path));
}

async function versionOf(name: BinaryName, path: string): Promise<string> {
  return /\d+\.\d+\.\d+/.exec(await ask(name, path))?.[0] ?? 'of unknown version';
}

async function tryDownload(name: BinaryName, options: ResolveOptions, whyNot: string[]): Promise<Resolved | undefined> {
  const target = cachePath(name, options);
  const from = BINARIES[name].download(options.platform ?? hostPlatform());
  const fetch = options.fetch ?? download;
  return withLock(target, async () => {
    if (isExecutable(target)) return { path: target, version: BINARIES[name].version, source: 'cache' };
    mkdirSync(join(cacheDir(options.env), 'bin'), { recursive: true });
    try {
      await fetch(from, target, options.log);
      return { path: target, version: BINARIES[name].version, source: 'downloaded' };
    } catch (error) {
      whyNot.push(messageOf(error));
      return undefined;
    }
  });
}

async function buildGroup(names: BinaryName[], options: ResolveOptions): Promise<void> {
  const first = names[0];
  if (first === undefined) return;
  const { build } = BINARIES[first];
  const make = options.build ?? goBuild;
  const lock = join(cacheDir(options.env), `build-${build.group}`);
  const onWait = (): void => options.log(`  waiting for another build of ${build.group}`);
  await withLock(
    lock,
    async () => {
      const targets = names
        .filter((name) => !isExecutable(cachePath(name, options)))
        .map((name) => [name, cachePath(name, options)] as const);
      if (targets.length === 0) return;
      const platform = options.platform ?? hostPlatform();
      await make(build, Object.fromEntries(targets), { log: options.log, platform, cacheDir: cacheDir(options.env) });
    },
    onWait,
  ).catch((error: unknown) => {
    const variables = names.map(environmentVariable).join(', ');
    throw new DevError(
      `${names.join(', ')} could not be downloaded, and not be built either:\n${indent(messageOf(error))}\n` +
        `Ready-made binaries can be named with ${variables}.`,
    );
  });
}
