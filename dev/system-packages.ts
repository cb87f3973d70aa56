// The system packages of a native cluster, installed when what they bring is missing.
import { existsSync } from 'node:fs';
import { DevError } from './errors.ts';
import { findCommand, run } from './exec.ts';
import { isStaticBinary } from './stack-images.ts';
import type { Log } from './types.ts';

const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback'];

/** Where the CNI plugins are, if all that are needed are there. */
export function findCniFolder(): string | undefined {
  return CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(`${folder}/${plugin}`)));
}

export function findStaticBusybox(): string | undefined {
  const busybox = findCommand('busybox');
  return busybox && isStaticBinary(busybox) ? busybox : undefined;
}

const NEEDED: Array<{ package: string; isThere(): boolean }> = [
  { package: 'containerd', isThere: () => Boolean(findCommand('containerd') && findCommand('ctr')) },
  { package: 'runc', isThere: () => Boolean(findCommand('runc')) },
  { package: 'containernetworking-plugins', isThere: () => Boolean(findCniFolder()) },
  { package: 'busybox-static', isThere: () => Boolean(findStaticBusybox()) },
  { package: 'iptables', isThere: () => Boolean(findCommand('iptables') && findCommand('iptables-save')) },
  { package: 'iproute2', isThere: () => Boolean(findCommand('ip')) },
  { package: 'openssl', isThere: () => Boolean(findCommand('openssl')) },
];

export function missingPackages(): string[] {
  return NEEDED.filter((needed) => !needed.isThere()).map((needed) => needed.package);
}

export function canInstallPackages(): boolean {
  return findCommand('apt-get') !== undefined;
}

export async function installMissingPackages(log: Log): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  log(`  installing system packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another apt at work is waited for.
  const apt = (...args: string[]): Promise<string> =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=180', '-qq', ...args], { env });
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', ...missing);
  const stillMissing = missingPackages();
  if (stillMissing.length > 0) {
    throw new DevError(
      `apt-get has installed ${missing.join(' ')}, but still missing is what comes with ${stillMissing.join(' ')}`,
    );
  }
  log(`✓ system packages: ${missing.join(' ')}`);
}
