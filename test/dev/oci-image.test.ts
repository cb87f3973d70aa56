import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImage, type Image, type ImageSpec } from '../../dev/oci-image.ts';
import { VALIDATORS_IMAGE, validatorsImage } from '../../dev/stack-images.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proctor-image-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const spec: ImageSpec = {
  reference: 'docker.io/proctor/thing:7',
  architecture: 'amd64',
  entrypoint: ['/bin/sh'],
  workingDir: '/work',
  entries: [
    { path: '/tmp', directory: true, mode: 0o1777 },
    { path: '/bin/tool', content: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
    { path: '/usr/local/bin/deep', content: Buffer.alloc(1000, 'x') },
    { path: '/bin/sh', linkTo: 'tool' },
  ],
};

/** Unpacks a tar with the system's own tar, so that the format is checked by another program. */
function unpack(tar: Buffer, name: string): string {
  const target = join(folder, name);
  mkdirSync(target);
  const result = spawnSync('tar', ['-x', '-C', target], { input: tar });
  expect(result.stderr.toString()).toBe('');
  expect(result.status).toBe(0);
  return target;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

function readBlob(layout: string, { digest, size }: Descriptor): Buffer {
  const content = readFileSync(join(layout, 'blobs', 'sha256', digest.replace('sha256:', '')));
  expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
  expect(content.length).toBe(size);
  return content;
}

interface Opened {
  config: { config: Record<string, unknown>; rootfs: { diff_ids: string[] }; architecture: string };
  root: string;
}

function openImage(image: Image): Opened {
  const layout = unpack(image.tar, 'layout');
  const parse = <T>(content: Buffer): T => JSON.parse(content.toString()) as T;
  expect(parse(readFileSync(join(layout, 'oci-layout')))).toEqual({ imageLayoutVersion: '1.0.0' });
  const index = parse<{ manifests: [Descriptor] }>(readFileSync(join(layout, 'index.json')));
  expect(index.manifests[0].digest).toBe(image.digest);
  expect(index.manifests[0].annotations?.['io.containerd.image.name']).toBe(image.reference);
  const manifest = parse<{ config: Descriptor; layers: [Descriptor] }>(readBlob(layout, index.manifests[0]));
  const config = parse<Opened['config']>(readBlob(layout, manifest.config));
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
  return { config, root: unpack(readBlob(layout, manifest.layers[0]), 'root') };
}

describe('the OCI image writer', () => {
  it('writes the same bytes for the same input', () => {
    expect(buildImage(spec).tar.equals(buildImage(spec).tar)).toBe(true);
    expect(buildImage({ ...spec, entrypoint: ['/bin/tool'] }).digest).not.toBe(buildImage(spec).digest);
  });

  it('writes a layout with the right digests, sizes and layer', () => {
    const { config, root } = openImage(buildImage(spec));
    expect(config.architecture).toBe('amd64');
    expect(config.config).toMatchObject({ Entrypoint: ['/bin/sh'], WorkingDir: '/work' });
    expect(readFileSync(join(root, 'bin', 'sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(readFileSync(join(root, 'usr', 'local', 'bin', 'deep'))).toHaveLength(1000);
    expect(statSync(join(root, 'bin', 'tool')).mode & 0o777).toBe(0o755);
  });

  it('refuses a name that is too long for its header', () => {
    const entries = [{ path: `/${'x'.repeat(101)}`, content: Buffer.from('') }];
    expect(() => buildImage({ ...spec, entries })).toThrow(/too long/);
  });
});

describe("the validators' image", () => {
  it('contains busybox under all its names, kubectl and the scripts', () => {
    const busybox = join(folder, 'busybox');
    const kubectl = join(folder, 'kubectl');
    const scripts = join(folder, 'scripts');
    mkdirSync(scripts);
    writeFileSync(busybox, 'BUSYBOX');
    writeFileSync(kubectl, 'KUBECTL');
    writeFileSync(join(scripts, 'nodes-ready.sh'), 'exit 0\n');
    writeFileSync(join(scripts, 'notes.txt'), 'not for the image');
    const contents = { architecture: 'amd64', busybox, applets: ['[', 'sh', 'busybox', '../evil'], kubectl } as const;
    const image = validatorsImage({ ...contents, applets: [...contents.applets] }, scripts);
    expect(image.reference).toBe(VALIDATORS_IMAGE);
    const { config, root } = openImage(image);
    expect(config.config).toMatchObject({ Entrypoint: ['/bin/sh'], WorkingDir: '/validators' });
    expect(readFileSync(join(root, 'bin', '['), 'utf8')).toBe('BUSYBOX');
    expect(readFileSync(join(root, 'bin', 'kubectl'), 'utf8')).toBe('KUBECTL');
    expect(statSync(join(root, 'validators', 'nodes-ready.sh')).mode & 0o777).toBe(0o755);
    expect(() => statSync(join(root, 'validators', 'notes.txt'))).toThrow();
  });
});
