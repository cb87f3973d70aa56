// The system packages that a native cluster needs. A package is installed if a file that it provides is missing.
import { existsSync } from 'node:fs';
import { DevError } from './errors.ts';
import { findCommand, run } from './exec.ts';
import { isStaticBinary } from './stack-images.ts';
import type { Log } from './types.ts';

const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback'];

/** The folder that contains all needed CNI plugins. */
export function findCniFolder(): string | undefined {
  return CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(`${folder}/${plugin}`)));
}

export function findStaticBusybox(): string | undefined {
  const busybox = findCommand('busybox');
  return busybox && isStaticBinary(busybox) ? busybox : undefined;
}

const NEEDED: Array<{ package: string; isInstalled(): boolean }> = [
  { package: 'containerd', isInstalled: () => Boolean(findCommand('containerd') && findCommand('ctr')) },
  { package: 'runc', isInstalled: () => Boolean(findCommand('runc')) },
  { package: 'containernetworking-plugins', isInstalled: () => Boolean(findCniFolder()) },
  { package: 'busybox-static', isInstalled: () => Boolean(findStaticBusybox()) },
  { package: 'iptables', isInstalled: () => Boolean(findCommand('iptables') && findCommand('iptables-save')) },
  { package: 'iproute2', isInstalled: () => Boolean(findCommand('ip')) },
  { package: 'openssl', isInstalled: () => Boolean(findCommand('openssl')) },
];

export function missingPackages(): string[] {
  return NEEDED.filter((needed) => !needed.isInstalled()).map((needed) => needed.package);
}

export function canInstallPackages(): boolean {
  return findCommand('apt-get') !== undefined;
}

export async function installMissingPackages(log: Log): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  log(`  installing system packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Waits up to three minutes if another apt-get is running.
  const apt = (...args: string[]): Promise<string> =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=180', '-qq', ...args], { env });
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', ...missing);
  const stillMissing = missingPackages();
  if (stillMissing.length > 0) {
    throw new DevError(
      `apt-get installed ${missing.join(' ')}, but files of ${stillMissing.join(' ')} are still missing`,
    );
  }
  log(`✓ system packages: ${missing.join(' ')}`);
}
