// A worker on a stack, for the demo, the benchmarks and the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Stack } from './stack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const KEPT_LINES = 20;

/** The environment variables with which a worker, a client and the Temporal CLI find the stack. */
export function environmentOf({ temporal, cluster }: Stack): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    KUBECONFIG: cluster.kubeconfig,
    PROCTOR_CONTEXT: cluster.context,
    PROCTOR_CLUSTER: 'local',
    // The role that AICR's validators get. A worker allows none by default; this cluster is used for nothing else.
    PROCTOR_ALLOW_CLUSTER_ROLES: 'cluster-admin',
  };
}

/** A worker in its own process, as a user starts it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #output: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a worker and waits until it serves its cluster.
   * @param script path from the root of the repository.
   * @throws Error with the end of its output if it exits first.
   */
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
        worker.#output.push(line);
        if (worker.#output.length > KEPT_LINES) worker.#output.shift();
        if (line.includes('serving cluster')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`the worker ended (${code}):\n${worker.#lastOutput}`)));
    await serving;
    return worker;
  }

  get #lastOutput(): string {
    return this.#output.join('\n');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Registers a listener for the messages that its script sends by IPC. */
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
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
