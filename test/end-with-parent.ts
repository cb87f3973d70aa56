import { spawn } from 'node:child_process';

/**
 * Ends a child process when this one is gone, however it went: a runner that is killed runs no `afterAll`, and each worker that it leaves
 * behind holds a quarter of a gigabyte and goes on polling.
 */
export function endWithUs(pid: number | undefined): void {
  const alive = (which: number | undefined) => `kill -0 ${which} 2>/dev/null`;
  const watch = `while ${alive(process.pid)} && ${alive(pid)}; do sleep 1; done; kill ${pid} 2>/dev/null`;
  spawn('sh', ['-c', watch], { detached: true, stdio: 'ignore' }).unref();
}
