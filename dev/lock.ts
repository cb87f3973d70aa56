// A lock across processes. It is a listening socket, so the kernel releases it however its holder ends, and no lock
// file can become stale.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../src/run/error-message.ts';

/**
 * Does work while holding the lock of this name.
 * @param onWait called once if another process holds the lock.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const address = addressOf(name);
  let held = await tryListen(address);
  if (!held) onWait?.();
  while (!held) {
    await waitForRelease(address);
    held = await tryListen(address);
  }
  try {
    return await work();
  } finally {
    held.release();
  }
}

/** On Linux a socket in the abstract namespace, elsewhere a file, which is removed if no process listens on it. */
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
      // The lock must not keep the process alive; the work does.
      server.unref();
      resolve({ release });
    });
  });
}

/** Waits on a connection to the holder, which closes when the holder releases the lock or ends. */
async function waitForRelease(address: string): Promise<void> {
  const outcome = await new Promise<'refused' | 'closed'>((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => socket.resume());
    socket.once('error', () => resolve('refused'));
    socket.once('close', () => resolve('closed'));
  });
  if (outcome === 'refused' && !address.startsWith('\0')) rmSync(address, { force: true });
  await delay(50);
}
