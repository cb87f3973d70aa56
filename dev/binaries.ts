// Finds each binary of the local stack. It looks, in this order, at an environment variable, PATH, the cache, the
// official download, and a build from Go modules.

import { mkdirSync, realpathSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../src/run/error-message.ts';
import { download } from './download.ts';
import { DevError } from './errors.ts';
import { findOnPath, indent, isExecutable, tryRun } from './exec.ts';
import { goBuild } from './go-build.ts';
import { withLock } from './lock.ts';
import { BINARIES, type BinaryName, type Platform } from './pinned-binaries.ts';
import type { Log } from './types.ts';

export interface ResolvedBinary {
  path: string;
  version: string;
  /** Where it was found, for a person to read. */
  source: string;
}

export interface ResolveOptions {
  log: Log;
  platform?: Platform;
  /** False for a binary that goes into an image, which must be the pinned, static one. @default true */
  usePath?: boolean;
  env?: NodeJS.ProcessEnv;
  /** The two ways to get a missing binary. Tests replace them. */
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

/** Finds, downloads or builds these binaries. Binaries of the same module are built together. */
export async function resolveBinaries<N extends BinaryName>(
  names: N[],
  options: ResolveOptions,
): Promise<Record<N, ResolvedBinary>> {
  const found = new Map<BinaryName, ResolvedBinary>();
  const missing: N[] = [];
  for (const name of names) {
    const resolved = await findInstalled(name, options);
    if (resolved) found.set(name, resolved);
    else missing.push(name);
  }
  const toBuild: N[] = [];
  const downloadErrors: string[] = [];
  for (const name of missing) {
    const resolved = await tryDownload(name, options, downloadErrors);
    if (resolved) found.set(name, resolved);
    else toBuild.push(name);
  }
  if (downloadErrors.length > 0) options.log(`  no download: ${[...new Set(downloadErrors)].join('; ')}`);
  for (const group of Map.groupBy(toBuild, (name) => BINARIES[name].build).values()) {
    await buildGroup(group, options);
    for (const name of group) {
      found.set(name, { path: cachePath(name, options), version: BINARIES[name].version, source: 'built' });
    }
  }
  for (const [name, { version, source }] of found) options.log(`✓ ${name} ${version} (${source})`);
  return Object.fromEntries(found) as Record<N, ResolvedBinary>;
}

async function findInstalled(name: BinaryName, options: ResolveOptions): Promise<ResolvedBinary | undefined> {
  const env = options.env ?? process.env;
  const variable = environmentVariable(name);
  const given = env[variable];
  if (given) {
    if (!isExecutable(given)) throw new DevError(`${variable} names ${given}, which is not an executable file`);
    return { path: realpathSync(given), version: await versionOf(name, given), source: variable };
  }
  if (options.usePath !== false) {
    const onPath = findOnPath(name, env.PATH);
    if (onPath && BINARIES[name].isUsable(await versionOutput(name, onPath))) {
      return { path: realpathSync(onPath), version: await versionOf(name, onPath), source: onPath };
    }
  }
  const cached = cachePath(name, options);
  if (isExecutable(cached)) return { path: cached, version: BINARIES[name].version, source: 'cache' };
  return undefined;
}

async function versionOutput(name: BinaryName, path: string): Promise<string> {
  const { stdout, stderr } = await tryRun(path, BINARIES[name].versionArgs, { timeoutMs: 20_000 });
  return stdout || stderr;
}

async function versionOf(name: BinaryName, path: string): Promise<string> {
  return /\d+\.\d+\.\d+/.exec(await versionOutput(name, path))?.[0] ?? 'of unknown version';
}

/** Downloads a binary. If that fails, returns undefined and adds the reason to `errors`. */
async function tryDownload(
  name: BinaryName,
  options: ResolveOptions,
  errors: string[],
): Promise<ResolvedBinary | undefined> {
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
      errors.push(messageOf(error));
      return undefined;
    }
  });
}

async function buildGroup(names: BinaryName[], options: ResolveOptions): Promise<void> {
  const first = names[0];
  if (first === undefined) return;
  const { build } = BINARIES[first];
  const runBuild = options.build ?? goBuild;
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
      await runBuild(build, Object.fromEntries(targets), {
        log: options.log,
        platform,
        cacheDir: cacheDir(options.env),
      });
    },
    onWait,
  ).catch((error: unknown) => {
    const variables = names.map(environmentVariable).join(', ');
    throw new DevError(
      `${names.join(', ')} could be neither downloaded nor built:\n${indent(messageOf(error))}\n` +
        `To use a binary that you have, set ${variables}.`,
    );
  });
}
