// The two images of a local cluster: for the pause container and for the example validators.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage, type Image, type ImageEntry } from './oci-image.ts';

export const VALIDATORS_IMAGE = 'docker.io/proctor/example-validators:1';
export const PAUSE_IMAGE = 'docker.io/proctor/pause:1';

const VALIDATORS_FOLDER = fileURLToPath(new URL('../examples/validators', import.meta.url));

export interface ImageContents {
  architecture: 'amd64' | 'arm64';
  /** Path of a static busybox. */
  busybox: string;
  /** The command names that busybox implements. */
  applets: string[];
}

export function pauseImage({ architecture, busybox }: ImageContents): Image {
  return buildImage({
    reference: PAUSE_IMAGE,
    architecture,
    entrypoint: ['/bin/busybox', 'sleep', '2147483647'],
    entries: [{ path: '/bin/busybox', content: readFileSync(busybox), mode: 0o755 }],
  });
}

/**
 * The image with busybox, kubectl and the scripts of examples/validators. A catalog entry runs a script with the args
 * `["/validators/<script>.sh"]`.
 */
export function validatorsImage(contents: ImageContents & { kubectl: string }, folder = VALIDATORS_FOLDER): Image {
  const { architecture, busybox, applets, kubectl } = contents;
  return buildImage({
    reference: VALIDATORS_IMAGE,
    architecture,
    entrypoint: ['/bin/sh'],
    workingDir: '/validators',
    entries: [
      ...['/dev', '/etc', '/proc', '/sys', '/validators'].map((path) => ({ path, directory: true as const })),
      { path: '/tmp', directory: true, mode: 0o1777 },
      {
        path: '/etc/passwd',
        content: Buffer.from('root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n'),
      },
      { path: '/etc/group', content: Buffer.from('root:x:0:\nnobody:x:65534:\n') },
      { path: '/bin/busybox', content: readFileSync(busybox), mode: 0o755 },
      { path: '/bin/kubectl', content: readFileSync(kubectl), mode: 0o755 },
      ...applets
        .filter((applet) => /^[\w.[\]-]+$/.test(applet) && applet !== 'busybox')
        .map((applet) => ({ path: `/bin/${applet}`, linkTo: 'busybox' })),
      ...scriptsIn(folder),
    ],
  });
}

function scriptsIn(folder: string): ImageEntry[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  } catch {
    return [];
  }
  return names
    .sort()
    .map((name) => ({ path: `/validators/${name}`, content: readFileSync(join(folder, name)), mode: 0o755 }));
}

const ELF_MAGIC = 0x7f454c46;
const PT_INTERP = 3;

/** Whether a file is a 64-bit ELF binary that needs no dynamic loader, so that it runs in an image without one. */
export function isStaticBinary(path: string): boolean {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.readUInt32BE(0) !== ELF_MAGIC) return false;
  const offset = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let i = 0; i < count && offset + (i + 1) * size <= head.length; i += 1) {
    if (head.readUInt32LE(offset + i * size) === PT_INTERP) return false;
  }
  return true;
}
