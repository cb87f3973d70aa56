// One holder at a time, across processes. The lock is a listening socket, so the kernel drops it with its holder,
// however that ends: no stale lock file to recognise.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './errors.ts';

export async function withLock<T>(name: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const address = addressOf(name);
  let held = await tryListen(address);
  if (!held) onWait?.();
  while (!held) {
    await holderGone(address);
    held = await tryListen(address);
  }
  try {
    return await work();
  } finally {
    held.release();
  }
}

/** Linux has socket names outside the file system; elsewhere it is a file, removed when nobody answers on it. */
function addressOf(name: string): string {
  const id = `proctor-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  return process.platform === 'linux' ? `\0${id}` : join(tmpdir(), `${id}.sock`);
}

interface Held {
  release(): void;
}

function tryListen(address: string): Promise<Held | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => waiting.add(socket.unref().on('error', () => undefined)));
    const release = (): void => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(address, () => {
      // A held lock keeps no process alive: its work does.
      server.unref();
      resolve({ release });
    });
  });
}

/** Waits on a connection to the holder: it closes when the holder ends. */
async function holderGone(address: string): Promise<void> {
  const outcome = await new Promise<'refused' | 'closed'>((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => socket.resume());
    socket.once('error', () => resolve('refused'));
    socket.once('close', () => resolve('closed'));
  });
  if (outcome === 'refused' && !address.startsWith('\0')) rmSync(address, { force: true });
  await delay(50);
}
