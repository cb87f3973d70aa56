import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentVariable, type ResolveOptions, resolveBinaries } from '../../dev/binaries.ts';
import { findChecksum } from '../../dev/download.ts';
import { outputName, stagingModules } from '../../dev/go-build.ts';
import type { BinaryName } from '../../dev/pinned-binaries.ts';

let folder: string;
let onPath: string;
let cache: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'proctor-binaries-')));
  onPath = join(folder, 'path');
  cache = join(folder, 'cache', 'proctor', 'bin');
  mkdirSync(onPath);
  mkdirSync(cache, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An executable that prints this text. */
function fake(path: string, output: string): string {
  writeFileSync(path, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Calls {
  fetched: string[];
  built: string[][];
}

/** Options whose downloads work only if `online`, and whose builds always work. Records both. */
function options(env: NodeJS.ProcessEnv, online: boolean): ResolveOptions & Calls {
  const calls: Calls = { fetched: [], built: [] };
  return {
    ...calls,
    log: () => undefined,
    env: { PATH: onPath, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    fetch: async (from, target) => {
      calls.fetched.push(from.url);
      if (!online) throw new Error('unreachable');
      fake(target, 'downloaded');
    },
    build: async (_build, targets) => {
      calls.built.push(Object.keys(targets));
      for (const target of Object.values(targets)) fake(target, 'built');
    },
  };
}

async function resolveEtcd(given: ResolveOptions): Promise<{ path: string; source: string; version: string }> {
  return (await resolveBinaries(['etcd'], given)).etcd;
}

describe('where a binary comes from', () => {
  it('uses the binary that the environment variable names before any other', async () => {
    const given = fake(join(folder, 'my-etcd'), 'etcd Version: 3.6.99');
    fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    const etcd = await resolveEtcd(options({ PROCTOR_ETCD_BIN: given }, true));
    expect(etcd).toEqual({ path: given, version: '3.6.99', source: 'PROCTOR_ETCD_BIN' });
  });

  it('refuses an environment variable that does not name an executable file', async () => {
    const given = options({ PROCTOR_ETCD_BIN: join(folder, 'missing') }, true);
    await expect(resolveEtcd(given)).rejects.toThrow(/PROCTOR_ETCD_BIN/);
  });

  it('prefers a binary on PATH to the cache if its version can be used', async () => {
    const path = fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    fake(join(cache, 'etcd-3.6.16'), 'cached');
    expect(await resolveEtcd(options({}, true))).toEqual({ path, version: '3.6.1', source: path });
  });

  it('ignores a binary on PATH if its version cannot be used or if PATH is not to be used', async () => {
    const cached = fake(join(cache, 'etcd-3.6.16'), 'cached');
    fake(join(onPath, 'etcd'), 'etcd Version: 3.4.23');
    expect(await resolveEtcd(options({}, true))).toMatchObject({ path: cached, source: 'cache' });
    fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    expect(await resolveEtcd({ ...options({}, true), usePath: false })).toMatchObject({ source: 'cache' });
  });

  it('downloads a missing binary into the cache', async () => {
    const given = options({}, true);
    expect(await resolveEtcd(given)).toMatchObject({ path: join(cache, 'etcd-3.6.16'), source: 'downloaded' });
    expect(given.fetched).toHaveLength(1);
    expect(await resolveEtcd(given)).toMatchObject({ source: 'cache' });
    expect(given.built).toEqual([]);
  });

  it('builds binaries that cannot be downloaded, and those of one module together', async () => {
    const given = options({}, false);
    const names: BinaryName[] = ['etcd', 'kubelet', 'kubectl', 'kube-apiserver'];
    const found = await resolveBinaries(names, given);
    expect(given.built).toEqual([['etcd'], ['kubelet', 'kubectl', 'kube-apiserver']]);
    expect(names.map((name) => found[name].source)).toEqual(['built', 'built', 'built', 'built']);
  });

  it('names the environment variable in the error if a binary can be neither downloaded nor built', async () => {
    const given: ResolveOptions = { ...options({}, false), build: () => Promise.reject(new Error('Go is missing')) };
    await expect(resolveEtcd(given)).rejects.toThrow(/Go is missing[\s\S]*PROCTOR_ETCD_BIN/);
  });

  it('caches binaries of another platform under another name', async () => {
    const platform = { os: 'linux', arch: 'arm64' } as const;
    const found = await resolveBinaries(['kubectl'], { ...options({}, true), platform, usePath: false });
    const suffix = process.platform === 'linux' && process.arch === 'arm64' ? '' : '-linux-arm64';
    expect(found.kubectl.path).toBe(join(cache, `kubectl-1.34.4${suffix}`));
  });
});

describe('downloads and builds of binaries', () => {
  it('derives the environment variable from the name of the binary', () => {
    expect(environmentVariable('kube-controller-manager')).toBe('PROCTOR_KUBE_CONTROLLER_MANAGER_BIN');
  });

  it('finds a checksum that stands alone or in a line with the name of the file', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(findChecksum(`${a}\n`, 'kubectl')).toBe(a);
    expect(findChecksum(`${a}  other.tar.gz\n${b} *etcd.tar.gz\n`, 'etcd.tar.gz')).toBe(b);
    expect(findChecksum(`${a}  other.tar.gz\n`, 'etcd.tar.gz')).toBeUndefined();
    expect(findChecksum('<html>', 'etcd.tar.gz')).toBeUndefined();
  });

  it('derives the name that Go gives a binary from its package', () => {
    expect(outputName('go.etcd.io/etcd/server/v3')).toBe('server');
    expect(outputName('k8s.io/kubernetes/cmd/kubelet')).toBe('kubelet');
  });

  it('finds the modules that a go.mod replaces with folders of its own repository', () => {
    const text = 'replace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tk8s.io/x => k8s.io/x v1\n)\n';
    expect(stagingModules(text)).toEqual(['k8s.io/api']);
  });
});
