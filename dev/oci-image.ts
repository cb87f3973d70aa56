// Writes an OCI image as one tar file, without a container engine and without a registry.
// The same input gives the same bytes, since times, owners and order are fixed and nothing is compressed.
import { createHash } from 'node:crypto';

export type ImageEntry =
  | { path: string; content: Buffer; mode?: number }
  | { path: string; linkTo: string }
  | { path: string; directory: true; mode?: number };

export interface ImageSpec {
  reference: string;
  architecture: 'amd64' | 'arm64';
  entrypoint: string[];
  workingDir?: string;
  entries: ImageEntry[];
}

export interface Image {
  reference: string;
  /** Digest of the manifest, as `ctr images ls` prints it. */
  digest: string;
  tar: Buffer;
}

export function buildImage(spec: ImageSpec): Image {
  const layer = tarOf(withParents(spec.entries));
  const layerDigest = digestOf(layer);
  const config = json({
    architecture: spec.architecture,
    os: 'linux',
    config: {
      Entrypoint: spec.entrypoint,
      Env: ['PATH=/bin:/usr/bin:/usr/local/bin'],
      ...(spec.workingDir ? { WorkingDir: spec.workingDir } : {}),
    },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
    history: [{ created_by: 'proctor dev' }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest),
        platform: { os: 'linux', architecture: spec.architecture },
        annotations: {
          'io.containerd.image.name': spec.reference,
          'org.opencontainers.image.ref.name': spec.reference.slice(spec.reference.lastIndexOf(':') + 1),
        },
      },
    ],
  });
  const blob = (content: Buffer): ImageEntry => ({ path: `/blobs/sha256/${digestOf(content).slice(7)}`, content });
  const tar = tarOf([
    { path: '/oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: '/index.json', content: index },
    blob(config),
    blob(layer),
    blob(manifest),
  ]);
  return { reference: spec.reference, digest: digestOf(manifest), tar };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function descriptor(mediaType: string, content: Buffer): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(content), size: content.length };
}

/** Adds each missing parent folder once, before its content. */
function withParents(entries: ImageEntry[]): ImageEntry[] {
  const known = new Map<string, ImageEntry>();
  const addParents = (path: string): void => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent === '' || known.has(parent)) return;
    addParents(parent);
    known.set(parent, { path: parent, directory: true });
  };
  for (const entry of entries) {
    addParents(entry.path);
    known.set(entry.path, entry);
  }
  return [...known.values()];
}

const BLOCK = 512;
const [FILE, SYMLINK, DIRECTORY] = ['0', '2', '5'];

function tarOf(entries: ImageEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    parts.push(header(entry));
    if ('content' in entry) parts.push(entry.content, Buffer.alloc(-entry.content.length & (BLOCK - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** A ustar header. A name may have 100 bytes, which is enough here. */
function header(entry: ImageEntry): Buffer {
  const name = entry.path.replace(/^\//, '') + ('directory' in entry ? '/' : '');
  if (Buffer.byteLength(name) > 100) throw new Error(`path too long for a tar header: ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0);
  block.write(octal(modeOf(entry), 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal('content' in entry ? entry.content.length : 0, 12), 124);
  block.write(octal(0, 12), 136); // time
  block.write('        ', 148); // the checksum itself counts as spaces
  block.write('content' in entry ? FILE : 'linkTo' in entry ? SYMLINK : DIRECTORY, 156);
  if ('linkTo' in entry) block.write(entry.linkTo, 157);
  block.write('ustar\u000000', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function modeOf(entry: ImageEntry): number {
  if ('linkTo' in entry) return 0o777;
  if ('directory' in entry) return entry.mode ?? 0o755;
  return entry.mode ?? 0o644;
}
