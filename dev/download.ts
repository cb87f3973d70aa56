// Downloads a released binary, or one member of a released tar.gz, and checks it against the published checksum. The
// target is either complete or absent.
import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, createWriteStream, mkdtempSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { DevError } from './errors.ts';
import { run } from './exec.ts';
import { removeTree } from './files.ts';
import type { Log } from './types.ts';

export interface Download {
  url: string;
  /** URL of a file that contains the SHA-256, alone or in a line with the file's name. */
  checksums: string;
  /** Path inside a tar.gz; absent if the URL is the binary itself. */
  member?: string;
}

// Short, since a machine without internet access waits this long for each host.
const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 30_000;
const PROGRESS_MS = 5_000;

/** Why a host cannot be reached. An unreachable host is not tried again. */
const unreachable = new Map<string, string>();

export async function download(from: Download, target: string, log: Log): Promise<void> {
  const host = new URL(from.url).host;
  const known = unreachable.get(host);
  if (known) throw new DevError(known);
  const folder = mkdtempSync(join(dirname(target), '.download-'));
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: IDLE_TIMEOUT_MS,
    bodyTimeout: IDLE_TIMEOUT_MS,
  });
  try {
    const expected = await publishedChecksum(from, dispatcher);
    const file = join(folder, basename(from.url));
    await fetchTo(file, from.url, dispatcher, log);
    const actual = await sha256Of(file);
    if (actual !== expected) {
      throw new DevError(`${from.url} has SHA-256 ${actual}, but ${expected} is published`);
    }
    const binary = from.member ? join(folder, from.member) : file;
    if (from.member) await run('tar', ['-xzf', file, '-C', folder, from.member]);
    chmodSync(binary, 0o755);
    renameSync(binary, target);
  } finally {
    removeTree(folder);
    await dispatcher.destroy();
  }

  async function publishedChecksum({ url, checksums }: Download, via: EnvHttpProxyAgent): Promise<string> {
    const response = await open(checksums, via);
    const checksum = findChecksum(await response.text(), basename(url));
    if (!checksum) throw new DevError(`${checksums} has no checksum for ${basename(url)}`);
    return checksum;
  }
}

export function findChecksum(text: string, file: string): string | undefined {
  for (const line of text.split('\n')) {
    const [checksum, name] = line.trim().split(/\s+\*?/);
    if (checksum && /^[0-9a-f]{64}$/.test(checksum) && (name === undefined || name === file)) return checksum;
  }
  return undefined;
}

async function open(url: string, dispatcher: EnvHttpProxyAgent): Promise<Awaited<ReturnType<typeof fetch>>> {
  const response = await fetch(url, { dispatcher }).catch((error: unknown) => {
    const { host } = new URL(url);
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    const reason = `${host} cannot be reached (${cause})`;
    unreachable.set(host, reason);
    throw new DevError(reason);
  });
  if (!response.ok) throw new DevError(`${url} answers ${response.status}`);
  return response;
}

async function fetchTo(file: string, url: string, dispatcher: EnvHttpProxyAgent, log: Log): Promise<void> {
  const response = await open(url, dispatcher);
  if (!response.body) throw new DevError(`${url} answers without a body`);
  const total = Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const timer = setInterval(() => {
    log(`  ${basename(url)}: ${inMegabytes(received)}${total ? ` of ${inMegabytes(total)}` : ''} MB`);
  }, PROGRESS_MS);
  try {
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    body.on('data', (chunk: Uint8Array) => {
      received += chunk.length;
    });
    await pipeline(body, createWriteStream(file));
  } finally {
    clearInterval(timer);
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
