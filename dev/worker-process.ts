// A worker as a user would start it: for the demo, the benchmarks, and whatever else wants runs on a stack.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Stack } from './stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const KEPT_LINES = 200;

/** What a worker, a client and the Temporal CLI need to find the stack. */
export function environmentOf({ temporal, cluster }: Stack): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    KUBECONFIG: cluster.kubeconfig,
    PROCTOR_CONTEXT: cluster.context,
    PROCTOR_CLUSTER: 'local',
    // The contract's role, on a cluster that is there for nothing else: a worker allows none by itself.
    PROCTOR_ALLOW_CLUSTER_ROLES: 'cluster-admin',
  };
}

/** A worker in a process of its own, as a user would start it; ready once it serves its cluster. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #said: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Rejects with what it said if it ends before it serves. @param script a worker that tells its parent more, from the root. */
  static async start(env: Record<string, string>, script = 'src/worker.ts'): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [script], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const worker = new WorkerProcess(child);
    const { promise: serving, resolve, reject } = Promise.withResolvers<void>();
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        worker.#said.push(line);
        if (worker.#said.length > KEPT_LINES) worker.#said.shift();
        if (line.includes('serving cluster')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`the worker ended (${code}):\n${worker.said}`)));
    await serving;
    return worker;
  }

  /** The end of what it said. */
  get said(): string {
    return this.#said.slice(-20).join('\n');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it sends, where its script speaks by IPC. */
  onMessage(take: (message: unknown) => void): void {
    this.#child.on('message', take);
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.alive) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}
