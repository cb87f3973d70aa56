import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch } from 'node:os';
import { findCommand } from '../../../dev/exec.ts';
import { buildImage, type ImageEntry } from '../../../dev/oci-image.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const BLOCK = 512;

/** A container registry with what containerd needs. It serves plain HTTP, which containerd accepts on the loopback. */
export class Registry {
  readonly #server: Server;
  readonly #blobs = new Map<string, Buffer>();
  /** The manifest's digest for each `repository:tag`. */
  readonly #tags = new Map<string, string>();
  /** The HTTP status with which a repository answers instead of serving. */
  readonly #refusals = new Map<string, number>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<Registry> {
    const registry = new Registry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** Stores an image with this entrypoint and with busybox as its `sh`. @returns its reference. */
  push(repository: string, entrypoint: string[]): string {
    const { digest, tar } = buildImage({
      reference: `registry/${repository}:1`,
      architecture: arch() === 'arm64' ? 'arm64' : 'amd64',
      entrypoint,
      entries: contents(),
    });
    for (const [name, content] of filesIn(tar)) {
      const found = /^blobs\/sha256\/(\w+)$/.exec(name)?.[1];
      if (found !== undefined) this.#blobs.set(`sha256:${found}`, content);
    }
    this.#tags.set(`${repository}:1`, digest);
    return this.reference(repository);
  }

  reference(repository: string): string {
    return `${this.#host}/${repository}:1`;
  }

  /** A reference by digest, which always means the same image. */
  digestReference(repository: string): string {
    return `${this.#host}/${repository}@${this.#tags.get(`${repository}:1`)}`;
  }

  /** Makes a repository answer with this status from now on, or serve again if it is undefined. */
  refuse(repository: string, status: number | undefined): void {
    if (status === undefined) this.#refusals.delete(repository);
    else this.#refusals.set(repository, status);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer({ url = '', method }: IncomingMessage, response: ServerResponse): void {
    if (url === '/v2/') {
      reply(response, 'application/json', Buffer.from('{}'), method);
      return;
    }
    const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^?]+)/.exec(url) ?? [];
    const refusal = this.#refusals.get(repository);
    const digest = reference.startsWith('sha256:') ? reference : this.#tags.get(`${repository}:${reference}`);
    const blob = digest === undefined ? undefined : this.#blobs.get(digest);
    if (refusal !== undefined || blob === undefined || digest === undefined) {
      response.writeHead(refusal ?? 404, { 'content-type': 'application/json' }).end('{"errors":[]}');
      return;
    }
    response.setHeader('docker-content-digest', digest);
    reply(response, kind === 'manifests' ? MANIFEST : 'application/octet-stream', blob, method);
  }
}

function reply(response: ServerResponse, type: string, body: Buffer, method: string | undefined): void {
  response.writeHead(200, { 'content-type': type, 'content-length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

function contents(): ImageEntry[] {
  const busybox = findCommand('busybox');
  if (busybox === undefined) throw new Error('busybox is missing, which the native cluster installs');
  return [
    ...['/dev', '/etc', '/proc', '/sys', '/tmp'].map((path) => ({ path, directory: true as const })),
    { path: '/bin/busybox', content: readFileSync(busybox), mode: 0o755 },
    { path: '/bin/sh', linkTo: 'busybox' },
  ];
}

function* filesIn(tar: Buffer): Generator<[string, Buffer]> {
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    yield [name, tar.subarray(at + BLOCK, at + BLOCK + size)];
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
