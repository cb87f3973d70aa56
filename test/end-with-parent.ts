import { spawn } from 'node:child_process';

/**
 * Ends a child process after this process has ended, however it ended. A test runner that is killed runs no `afterAll`,
 * and each worker that it leaves behind holds a quarter of a gigabyte and keeps polling.
 */
export function endWithParent(pid: number | undefined): void {
  const alive = (which: number | undefined) => `kill -0 ${which} 2>/dev/null`;
  const watch = `while ${alive(process.pid)} && ${alive(pid)}; do sleep 1; done; kill ${pid} 2>/dev/null`;
  spawn('sh', ['-c', watch], { detached: true, stdio: 'ignore' }).unref();
}
