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

function fake(path: string, says: string): string {
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Made {
  fetched: string[];
  built: string[][];
}

/** Options whose downloads fail or work as told, and whose builds always work. */
function options(env: NodeJS.ProcessEnv, online: boolean): ResolveOptions & Made {
  const made: Made = { fetched: [], built: [] };
  return {
    ...made,
    log: () => undefined,
    env: { PATH: onPath, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    fetch: async (from, target) => {
      made.fetched.push(from.url);
      if (!online) throw new Error('unreachable');
      fake(target, 'downloaded');
    },
    build: async (_build, targets) => {
      made.built.push(Object.keys(targets));
      for (const target of Object.values(targets)) fake(target, 'built');
    },
  };
}

async function resolveEtcd(given: ResolveOptions): Promise<{ path: string; source: string; version: string }> {
  return (await resolveBinaries(['etcd'], given)).etcd;
}

describe('where a binary comes from', () => {
  it('takes what the environment variable names before all else', async () => {
    const given = fake(join(folder, 'my-etcd'), 'etcd Version: 3.6.99');
    fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    const etcd = await resolveEtcd(options({ PROCTOR_ETCD_BIN: given }, true));
    expect(etcd).toEqual({ path: given, version: '3.6.99', source: 'PROCTOR_ETCD_BIN' });
  });

  it('refuses an environment variable that names nothing executable', async () => {
    const given = options({ PROCTOR_ETCD_BIN: join(folder, 'missing') }, true);
    await expect(resolveEtcd(given)).rejects.toThrow(/PROCTOR_ETCD_BIN/);
  });

  it('then takes one on PATH whose version fits', async () => {
    const path = fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    fake(join(cache, 'etcd-3.6.16'), 'cached');
    expect(await resolveEtcd(options({}, true))).toEqual({ path, version: '3.6.1', source: path });
  });

  it('passes over one on PATH whose version does not fit, and over PATH itself when told to', async () => {
    const cached = fake(join(cache, 'etcd-3.6.16'), 'cached');
    fake(join(onPath, 'etcd'), 'etcd Version: 3.4.23');
    expect(await resolveEtcd(options({}, true))).toMatchObject({ path: cached, source: 'cache' });
    fake(join(onPath, 'etcd'), 'etcd Version: 3.6.1');
    expect(await resolveEtcd({ ...options({}, true), usePath: false })).toMatchObject({ source: 'cache' });
  });

  it('then downloads, into the cache', async () => {
    const given = options({}, true);
    expect(await resolveEtcd(given)).toMatchObject({ path: join(cache, 'etcd-3.6.16'), source: 'downloaded' });
    expect(given.fetched).toHaveLength(1);
    expect(await resolveEtcd(given)).toMatchObject({ source: 'cache' });
    expect(given.built).toEqual([]);
  });

  it('then builds, all of one module together', async () => {
    const given = options({}, false);
    const names: BinaryName[] = ['etcd', 'kubelet', 'kubectl', 'kube-apiserver'];
    const found = await resolveBinaries(names, given);
    expect(given.built).toEqual([['etcd'], ['kubelet', 'kubectl', 'kube-apiserver']]);
    expect(names.map((name) => found[name].source)).toEqual(['built', 'built', 'built', 'built']);
  });

  it('says in a failure how to do without', async () => {
    const given: ResolveOptions = { ...options({}, false), build: () => Promise.reject(new Error('Go is missing')) };
    await expect(resolveEtcd(given)).rejects.toThrow(/Go is missing[\s\S]*PROCTOR_ETCD_BIN/);
  });

  it('keeps binaries of another platform apart', async () => {
    const platform = { os: 'linux', arch: 'arm64' } as const;
    const found = await resolveBinaries(['kubectl'], { ...options({}, true), platform, usePath: false });
    const suffix = process.platform === 'linux' && process.arch === 'arm64' ? '' : '-linux-arm64';
    expect(found.kubectl.path).toBe(join(cache, `kubectl-1.34.4${suffix}`));
  });
});

describe('the parts of downloads and builds', () => {
  it('names the environment variables after the binaries', () => {
    expect(environmentVariable('kube-controller-manager')).toBe('PROCTOR_KUBE_CONTROLLER_MANAGER_BIN');
  });

  it('finds a checksum alone in a file, or in the line of its file', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(findChecksum(`${a}\n`, 'kubectl')).toBe(a);
    expect(findChecksum(`${a}  other.tar.gz\n${b} *etcd.tar.gz\n`, 'etcd.tar.gz')).toBe(b);
    expect(findChecksum(`${a}  other.tar.gz\n`, 'etcd.tar.gz')).toBeUndefined();
    expect(findChecksum('<html>', 'etcd.tar.gz')).toBeUndefined();
  });

  it('knows what Go calls a binary', () => {
    expect(outputName('go.etcd.io/etcd/server/v3')).toBe('server');
    expect(outputName('k8s.io/kubernetes/cmd/kubelet')).toBe('kubelet');
  });

  it('finds the modules that a go.mod replaces by folders of its own repository', () => {
    const text = 'replace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n\tk8s.io/x => k8s.io/x v1\n)\n';
    expect(stagingModules(text)).toEqual(['k8s.io/api']);
  });
});
