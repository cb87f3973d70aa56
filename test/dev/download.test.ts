import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download } from '../../dev/download.ts';

let folder: string;
let server: Server;
let origin: string;
let files: Map<string, Buffer>;

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const quiet = (): void => undefined;

beforeEach(async () => {
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, undefined);
  folder = mkdtempSync(join(tmpdir(), 'proctor-download-'));
  files = new Map();
  server = createServer((request, response) => {
    const content = files.get(request.url ?? '');
    response.writeHead(content ? 200 : 404).end(content ?? 'not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A tar.gz with one binary in a folder, as in a release. */
function archive(content: string): Buffer {
  mkdirSync(join(folder, 'source', 'etcd-v1'), { recursive: true });
  writeFileSync(join(folder, 'source', 'etcd-v1', 'etcd'), content);
  return spawnSync('tar', ['-czf', '-', '-C', join(folder, 'source'), 'etcd-v1']).stdout;
}

describe('a download', () => {
  it('writes an executable file and nothing else', async () => {
    const content = Buffer.from('#!/bin/sh\n');
    files.set('/kubectl', content);
    files.set('/kubectl.sha256', Buffer.from(sha256(content)));
    const target = join(folder, 'bin', 'kubectl-1');
    mkdirSync(join(folder, 'bin'));
    await download({ url: `${origin}/kubectl`, checksums: `${origin}/kubectl.sha256` }, target, quiet);
    expect(readFileSync(target)).toEqual(content);
    expect(statSync(target).mode & 0o111).toBe(0o111);
    expect(readdirSync(join(folder, 'bin'))).toEqual(['kubectl-1']);
  });

  it('extracts one member of an archive', async () => {
    const content = archive('ETCD');
    files.set('/etcd-v1.tar.gz', content);
    files.set('/SHA256SUMS', Buffer.from(`${'0'.repeat(64)}  other.zip\n${sha256(content)}  etcd-v1.tar.gz\n`));
    const from = { url: `${origin}/etcd-v1.tar.gz`, checksums: `${origin}/SHA256SUMS`, member: 'etcd-v1/etcd' };
    await download(from, join(folder, 'etcd'), quiet);
    expect(readFileSync(join(folder, 'etcd'), 'utf8')).toBe('ETCD');
  });

  it('refuses a file whose checksum is not the published one, and leaves nothing behind', async () => {
    files.set('/kubectl', Buffer.from('tampered'));
    files.set('/kubectl.sha256', Buffer.from('a'.repeat(64)));
    const from = { url: `${origin}/kubectl`, checksums: `${origin}/kubectl.sha256` };
    await expect(download(from, join(folder, 'kubectl'), quiet)).rejects.toThrow(/SHA-256/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a file without a published checksum', async () => {
    files.set('/kubectl', Buffer.from('content'));
    const from = { url: `${origin}/kubectl`, checksums: `${origin}/kubectl.sha256` };
    await expect(download(from, join(folder, 'kubectl'), quiet)).rejects.toThrow(/answers 404/);
  });

  it('does not retry a host that could not be reached', async () => {
    const { host } = new URL(origin);
    server.close();
    const from = { url: `${origin}/kubectl`, checksums: `${origin}/kubectl.sha256` };
    await expect(download(from, join(folder, 'kubectl'), quiet)).rejects.toThrow(`${host} cannot be reached`);
    await expect(download(from, join(folder, 'kubectl'), quiet)).rejects.toThrow(`${host} cannot be reached`);
  });
});
